"""What containing a program costs: a run in the sandbox beside the bare process, in turn.

Run with `python -m benchmarks.sandbox [ROUNDS]`. Bare is the same program on the same files, in a
folder of its own, with its output collected and digested by hand; both by the clock.
"""

import hashlib
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable
from pathlib import Path
from statistics import median

from ratings.sandbox.environments.making import environment_in
from ratings.sandbox.run_limits import GIB, Limits
from ratings.sandbox.sandboxes import BubblewrapSandbox

BAR_SECONDS = 0.2
PROGRAM = "#!/bin/sh\nfor f in *.bin; do cat $f > ${f%.bin}.png; done\n"
INPUTS, INPUT_BYTES = 20, 100_000
LIMITS = Limits(cpu_seconds=60, wall_seconds=600, memory_bytes=GIB)


def main() -> None:
    rounds = int(sys.argv[1]) if len(sys.argv) > 1 else 30
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        folder.chmod(0o755)
        (folder / "decoder").mkdir()
        (folder / "decoder" / "decode").write_text(PROGRAM)
        (folder / "decoder" / "decode").chmod(0o755)
        inputs = {f"{number}.bin": folder / f"{number}.bin" for number in range(INPUTS)}
        for path in inputs.values():
            path.write_bytes(bytes(INPUT_BYTES))
        sandbox = BubblewrapSandbox(environment_in(folder / "environment"))

        def contained(outputs: Path) -> int:
            return len(sandbox.run(folder / "decoder", inputs, outputs, LIMITS).outputs)

        def bare(outputs: Path) -> int:
            for name, path in inputs.items():
                (outputs / name).write_bytes(path.read_bytes())
            subprocess.run([folder / "decoder" / "decode"], cwd=outputs, check=True)
            made = sorted(outputs.glob("*.png"))
            return len([hashlib.sha256(path.read_bytes()) for path in made])

        inside, outside = _interleaved([contained, bare], rounds)
        print(f"in the sandbox ({sandbox.meters.name}): {inside:.3f} s, bare: {outside:.3f} s")
        print(f"containing costs {inside - outside:.3f} s; bar {BAR_SECONDS} s")


def _interleaved(ways: list[Callable[[Path], int]], rounds: int) -> list[float]:
    """Return the median seconds of each way."""
    seconds: list[list[float]] = [[] for _ in ways]
    for _ in range(rounds):
        for way, spent in zip(ways, seconds, strict=True):
            with tempfile.TemporaryDirectory() as outputs:
                begun = time.perf_counter()
                made = way(Path(outputs))
                spent.append(time.perf_counter() - begun)
                assert made == INPUTS
    return [median(spent) for spent in seconds]


if __name__ == "__main__":
    main()
