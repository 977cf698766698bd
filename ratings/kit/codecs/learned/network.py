# SPDX-License-Identifier: Apache-2.0
"""A network in whole numbers: what it makes of a picture is the same everywhere.

Samples and weights are integers, held in float64, which has room for integers up to 2^53 and adds
and multiplies them exactly: in any order, on any number of threads, with any instructions. Sums
here stay below 2^32: of 360 terms, each a sample of at most 2^15 times a weight of at most 2^7, and
a bias. float32 has room up to 2^24 only, and quick kernels for it (Winograd, FFT, TF32) round.
"""

from collections.abc import Callable, Mapping, Sequence
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

Samples = NDArray[np.float64]  # integers, shape (channels, height, width)
Convolve = Callable[[Samples, Samples], Samples]  # samples with a kernel, zeros around

UNIT = 256  # what stands for 1.0 in the network as it was trained
LARGEST = (1 << 15) - 1


class Layer(NamedTuple):
    """A convolution, 3 x 3, and what is done beside it."""

    inputs: int
    outputs: int
    down: int = 1  # squares of so many samples a side become channels before it
    up: int = 1  # channels become squares after it
    inner: bool = False  # what is positive goes in, and what comes out is added to what was there


LAYERS = (
    Layer(16, 40, down=2),
    Layer(40, 40, inner=True),
    Layer(40, 40, inner=True),
    Layer(40, 40, inner=True),
    Layer(40, 12, up=2),
)


class Weights(NamedTuple):
    """Those of a layer; a sum is multiplied by `scale`, a power of 2, and rounded down."""

    kernel: Samples  # (outputs, inputs, 3, 3)
    bias: Samples  # (outputs, 1, 1)
    scale: Samples  # (outputs, 1, 1)


def load(file: Mapping[str, NDArray[np.integer]]) -> list[Weights]:
    """Return the weights of all layers, from arrays `kernel0`, `bias0`, `shift0` and so on."""
    return [
        Weights(
            file[f"kernel{i}"].astype(np.float64),
            file[f"bias{i}"].astype(np.float64)[:, None, None],
            0.5 ** file[f"shift{i}"].astype(np.float64)[:, None, None],
        )
        for i in range(len(LAYERS))
    ]


def run(samples: Samples, network: Sequence[Weights], convolve: Convolve) -> Samples:
    """Return what the network makes of samples: (channels, height, width), integers all the way.

    Height and width must be multiples of what the layers go down by.
    """
    for layer, weights in zip(LAYERS, network, strict=True):
        came = to_channels(samples, layer.down)
        sums = convolve(np.maximum(came, 0) if layer.inner else came, weights.kernel)
        samples = np.floor((sums + weights.bias) * weights.scale)
        samples = to_squares(samples + came if layer.inner else samples, layer.up)
        samples = np.clip(samples, -LARGEST, LARGEST)
    return samples


def convolve(samples: Samples, kernel: Samples) -> Samples:
    """Return the convolution with a kernel, (outputs, inputs, 3, 3): nine products of matrices."""
    outputs, inputs = kernel.shape[:2]
    height, width = samples.shape[1:]
    padded = np.pad(samples, ((0, 0), (1, 1), (1, 1)))
    total = np.zeros((outputs, height * width))
    for row, column in np.ndindex(3, 3):
        shifted = padded[:, row : row + height, column : column + width]
        total += kernel[:, :, row, column] @ shifted.reshape(inputs, -1)
    return total.reshape(outputs, height, width)


def to_channels(samples: Samples, side: int) -> Samples:
    """Make channels of squares: (c, h, w) becomes (c * side^2, h / side, w / side)."""
    channels, height, width = samples.shape
    squares = samples.reshape(channels, height // side, side, width // side, side)
    return squares.transpose(0, 2, 4, 1, 3).reshape(-1, height // side, width // side)


def to_squares(samples: Samples, side: int) -> Samples:
    """Undo `to_channels`."""
    channels, height, width = samples.shape
    squares = samples.reshape(channels // side**2, side, side, height, width)
    return squares.transpose(0, 3, 1, 4, 2).reshape(-1, height * side, width * side)
