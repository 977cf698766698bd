# SPDX-License-Identifier: Apache-2.0
"""Train the network of `codecs/learned` on a folder of photographs; writes its weights.

Needs PyTorch, beside numpy and Pillow; what is written needs it no more.
"""

import argparse
import math
import random
import sys
import time
from pathlib import Path

import numpy as np
import torch
from torch import Tensor, nn
from torch.nn import functional

sys.path.insert(0, str(Path(__file__).resolve().parents[1] / "codecs" / "learned"))

from network import LAYERS, UNIT
from numpy.typing import NDArray
from photographs import Pair, pairs, squares
from restoration import CORRECTION, seen

SIDE, BATCH = 96, 4
LARGEST_WEIGHT = 127
FASTEST, SLOWEST = 1e-3, 1e-5  # rates of learning


class Network(nn.Module):
    """What `network.run` does, in floats: samples of shape (n, 4, h, w) to (n, 3, h, w)."""

    def __init__(self) -> None:
        super().__init__()
        self.convolutions = nn.ModuleList(
            nn.Conv2d(layer.inputs, layer.outputs, 3, padding=1) for layer in LAYERS
        )
        # At first nothing is said to be wrong.
        nn.init.zeros_(self.convolutions[-1].weight)
        nn.init.zeros_(self.convolutions[-1].bias)

    def forward(self, samples: Tensor) -> Tensor:
        """Return what is to be added."""
        for layer, convolution in zip(LAYERS, self.convolutions, strict=True):
            came = functional.pixel_unshuffle(samples, layer.down)
            samples = convolution(functional.relu(came) if layer.inner else came)
            samples = functional.pixel_shuffle(samples + came if layer.inner else samples, layer.up)
        return samples


def main() -> None:
    """Train for so many minutes, and write the weights."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("photographs", type=Path, help="folder of PNG or JPEG files")
    parser.add_argument("weights", type=Path, help="file to write, NAME.npz")
    parser.add_argument("--minutes", type=float, default=10, help="of training (default: 10)")
    parser.add_argument("--cores", type=int, default=2, help="that may be used (default: 2)")
    given = parser.parse_args()
    torch.set_num_threads(given.cores)
    torch.manual_seed(2018)
    of = pairs(given.photographs, SIDE, given.cores)
    network = Network().to(memory_format=torch.channels_last)
    train(network, of, given.minutes)
    np.savez_compressed(given.weights, **whole(network))


def train(network: Network, of: list[Pair], minutes: float) -> None:
    """Make squared errors small; prints those before and after the network, now and then."""
    optimiser = torch.optim.Adam(network.parameters(), FASTEST)
    draw, begun, turn, share = random.Random(2018), time.monotonic(), 0, 0.0
    before = after = 0.0
    while share < 1:
        for group in optimiser.param_groups:
            group["lr"] = SLOWEST + (FASTEST - SLOWEST) * (1 + math.cos(math.pi * share)) / 2
        samples, wrong = batch(list(squares(of, BATCH, SIDE, draw)))
        samples = samples.contiguous(memory_format=torch.channels_last)
        loss = (network(samples) * UNIT / CORRECTION - wrong).square().mean()
        optimiser.zero_grad()
        loss.backward()
        optimiser.step()
        before, after = before + wrong.square().mean().item(), after + loss.item()
        turn, share = turn + 1, (time.monotonic() - begun) / 60 / minutes
        if turn % 100 == 0:
            gain = 10 * math.log10(before / after)
            print(f"{share:4.0%} {turn} batches, {gain:.3f} dB better", flush=True)
            before = after = 0.0


def batch(of: list[Pair]) -> tuple[Tensor, Tensor]:
    """Return what the network sees of squares, and what is to be added to their samples."""
    samples = np.stack([seen(pair.decoded, pair.step) for pair in of]) / UNIT
    wrong = np.stack([pair.original.astype(np.float32) - pair.decoded for pair in of])
    return torch.from_numpy(samples).float(), torch.from_numpy(wrong).permute(0, 3, 1, 2)


def whole(network: Network) -> dict[str, NDArray[np.integer]]:
    """Return the weights as integers, as `network.load` reads them."""
    arrays: dict[str, NDArray[np.integer]] = {}
    for i, convolution in enumerate(network.convolutions):
        kernel, bias = (p.detach().double().numpy() for p in (convolution.weight, convolution.bias))
        shift = np.floor(np.log2(LARGEST_WEIGHT / np.abs(kernel).max((1, 2, 3))))
        scale = 2**shift
        arrays[f"kernel{i}"] = np.rint(kernel * scale[:, None, None, None]).astype(np.int8)
        # Half of what sums are divided by is added, since they are rounded down.
        arrays[f"bias{i}"] = np.rint((UNIT * bias + 0.5) * scale).astype(np.int32)
        arrays[f"shift{i}"] = shift.astype(np.int8)
    return arrays


if __name__ == "__main__":
    main()
