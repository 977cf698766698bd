# SPDX-License-Identifier: Apache-2.0
"""A bitstream to a picture: as `transform` decodes it, and restored by a network.

A bitstream is one of `transform`, whose model of what is coded is all integers. The network comes
after the last symbol; it sees the decoded picture and the quantiser's step, and says by how much
each sample is wrong. `decode` beside this file does it for a folder.
"""

from functools import cache
from pathlib import Path

import codec
import numpy as np
from codec import HEAD
from network import UNIT, Convolve, Samples, Weights, convolve, load, run
from wavelet import Rgb

WEIGHTS = Path(__file__).with_name("weights.npz")
SQUARE = 2  # sides are made multiples of it
GREY = 128  # the sample that stands for 0
# One more in a sample, one more in a step's index: so many UNITs for the network.
PER_SAMPLE, PER_STEP, MIDDLE_STEP = UNIT // 128, UNIT // 32, 76
CORRECTION = UNIT // 32  # what the network says for one more in a sample


def decode(bitstream: bytes, convolve: Convolve = convolve) -> Rgb:
    """Return the samples of a bitstream, uint8 of shape (height, width, 3).

    `convolve` must convolve integers exactly. Raises CorruptStream for a bitstream that `encode`
    didn't make.
    """
    rgb = codec.decode(bitstream)
    _, _, step = HEAD.unpack_from(bitstream)
    return restore(rgb, step, trained(), convolve)


@cache
def trained() -> list[Weights]:
    """Return the weights of the file beside this one."""
    with np.load(WEIGHTS) as file:
        return load(file)


def restore(rgb: Rgb, step: int, network: list[Weights], convolve: Convolve) -> Rgb:
    """Return samples less what the network takes for wrong: uint8 of shape (height, width, 3)."""
    height, width = rgb.shape[:2]
    said = run(seen(rgb, step), network, convolve)[:, :height, :width]
    right = rgb + np.floor(said.transpose(1, 2, 0) / CORRECTION + 0.5)
    return np.clip(right, 0, 255).astype(np.uint8)


def seen(rgb: Rgb, step: int) -> Samples:
    """Return what the network sees: three planes of samples and one of the step.

    Where a side is no multiple of SQUARE, its last samples are repeated.
    """
    beyond = [(0, -side % SQUARE) for side in rgb.shape[:2]]
    padded = np.pad(rgb.astype(np.float64), (*beyond, (0, 0)), "edge")
    samples = PER_SAMPLE * (padded.transpose(2, 0, 1) - GREY)
    steps = np.full((1, *samples.shape[1:]), float(PER_STEP * (step - MIDDLE_STEP)))
    return np.concatenate([samples, steps])
