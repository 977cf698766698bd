"""What containing a program costs: a run in the sandbox beside the bare process, in turn.

Run with `python -m benchmarks.sandbox [ROUNDS]`. Bare is the same program on the same files, in a
folder of its own, with its output collected and digested by hand. The environment with PyTorch is
measured where `make torch` has made it: with a program that does next to nothing, and with a
decoder that imports PyTorch and decodes, each run as a worker's first one, its files in memory.
"""

import hashlib
import os
import resource
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path
from statistics import median

from ratings.sandbox.environments.__main__ import environments_folder
from ratings.sandbox.environments.making import environment_in, made
from ratings.sandbox.environments.trees import MINOR, DecoderEnvironment
from ratings.sandbox.environments.variables import variables
from ratings.sandbox.run_limits import GIB, Limits
from ratings.sandbox.sandbox_errors import EnvironmentAbsent
from ratings.sandbox.sandboxes import BubblewrapSandbox

BAR_SECONDS, BAR_RATIO = 0.2, 1.1
COPIES = "#!/bin/sh\nfor f in *.bin; do cat $f > ${f%.bin}.png; done\n"
DECODES = """#!/usr/bin/env python3
from pathlib import Path
import numpy as np
import torch
layers = torch.nn.Sequential(
    torch.nn.ConvTranspose2d(48, 96, 5, 2, 2, 1), torch.nn.ReLU(),
    torch.nn.ConvTranspose2d(96, 3, 5, 2, 2, 1),
)
with torch.inference_mode():
    for path in Path(".").glob("*.bin"):
        code = torch.from_numpy(np.fromfile(path, np.uint8)[:49152].reshape(1, 48, 32, 32) / 255.0)
        path.with_suffix(".png").write_bytes(layers(code.float()).numpy().tobytes())
"""
INPUTS, INPUT_BYTES = 20, 100_000
LIMITS = Limits(cpu_seconds=60, wall_seconds=600, memory_bytes=2 * GIB)
Way = Callable[[Path], float]  # the CPU seconds of a run whose outputs lie in the folder


@dataclass(frozen=True)
class Pair:
    """A program on its files, contained and bare."""

    decoder: Path
    inputs: Mapping[str, Path]
    sandbox: BubblewrapSandbox
    bare_variables: Mapping[str, str]

    def contained(self, outputs: Path) -> float:
        result = self.sandbox.run(self.decoder, self.inputs, outputs, LIMITS)
        assert len(result.outputs) == INPUTS, result
        return result.termination.cpu_seconds

    def bare(self, outputs: Path) -> float:
        before = resource.getrusage(resource.RUSAGE_CHILDREN)
        for name, path in self.inputs.items():
            (outputs / name).write_bytes(path.read_bytes())
        command = [str(self.decoder / "decode")]
        subprocess.run(command, cwd=outputs, check=True, env=self.bare_variables)
        digests = [hashlib.sha256(path.read_bytes()) for path in outputs.glob("*.png")]
        assert len(digests) == INPUTS
        after = resource.getrusage(resource.RUSAGE_CHILDREN)
        return after.ru_utime + after.ru_stime - before.ru_utime - before.ru_stime


def main() -> None:
    """Print what containing costs, and where it can be measured what PyTorch's environment adds."""
    rounds = int(sys.argv[1]) if len(sys.argv) > 1 else 30
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        folder.chmod(0o755)
        _cost("copying", folder, COPIES, environment_in(folder / "environment"), rounds)
        try:
            torch = made("torch", environments_folder(os.environ))
        except EnvironmentAbsent as absent:
            sys.exit(f"{absent}")
        _cost("copying, with PyTorch there", folder, COPIES, torch, rounds)
        _cost("decoding by PyTorch", folder, DECODES, torch, rounds)


def _cost(
    words: str, folder: Path, program: str, environment: DecoderEnvironment, rounds: int
) -> None:
    pair = Pair(
        _decoder(folder / words, program),
        _inputs(folder),
        BubblewrapSandbox(environment),
        _bare_variables(environment),
    )
    (inside, inside_cpu), (outside, outside_cpu) = _interleaved([pair.contained, pair.bare], rounds)
    print(
        f"{words}, in the sandbox ({pair.sandbox.meters.name}): {inside:.3f} s by the clock, ",
        end="",
    )
    print(f"{inside_cpu:.3f} s of CPU; bare: {outside:.3f} s, {outside_cpu:.3f} s")
    print(f"  costs {inside - outside:.3f} s (bar {BAR_SECONDS} s), by the clock ", end="")
    print(
        f"{inside / outside:.3f}, of CPU {inside_cpu / outside_cpu:.3f} of bare (bar {BAR_RATIO})"
    )


def _decoder(folder: Path, program: str) -> Path:
    folder.mkdir()
    (folder / "decode").write_text(program)
    (folder / "decode").chmod(0o755)
    return folder


def _inputs(folder: Path) -> dict[str, Path]:
    inputs = {f"{number}.bin": folder / f"{number}.bin" for number in range(INPUTS)}
    for path in inputs.values():
        path.write_bytes(bytes(INPUT_BYTES))
    return inputs


def _bare_variables(environment: DecoderEnvironment) -> dict[str, str]:
    """Return what lets a bare process use the environment's Python and packages."""
    tree = environment.tree
    return variables(LIMITS.cores) | {
        "PATH": f"{tree}/python/bin:/usr/bin:/bin",
        "PYTHONPATH": f"{tree}/lib/{MINOR}/site-packages",
    }


def _interleaved(ways: list[Way], rounds: int) -> list[tuple[float, float]]:
    """Return the median seconds of each way, by the clock and of CPU; the first round warms up."""
    spent: list[list[tuple[float, float]]] = [[] for _ in ways]
    for _ in range(rounds + 1):
        for way, figures in zip(ways, spent, strict=True):
            with tempfile.TemporaryDirectory() as outputs:
                begun = time.perf_counter()
                cpu = way(Path(outputs))
                figures.append((time.perf_counter() - begun, cpu))
    return [
        (median(clock for clock, _ in figures[1:]), median(cpu for _, cpu in figures[1:]))
        for figures in spent
    ]


if __name__ == "__main__":
    main()
