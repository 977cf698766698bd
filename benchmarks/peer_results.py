"""Results of other rankings, computed by benchmarks/peers.py in the environment of `make peers`."""

import os
import subprocess
import tempfile
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

ROOT = Path(__file__).resolve().parents[1]
PYTHON = ROOT / ".venv-peers" / "bin" / "python"


def peer_results(
    task: str, methods: int, columns: dict[str, NDArray[np.int64]], count: int = 100
) -> dict[str, NDArray[np.float64]]:
    """Return what the peers give for judgments: names as in peers.py; nothing without them.

    `task` is scores or intervals; `columns` are left, right, choice and, for
    intervals, run; `count` is the number of bootstrap replicates.
    """
    if not PYTHON.exists():
        print("Other rankings are not installed, so they are left out: `make peers` does it.")
        return {}
    with tempfile.TemporaryDirectory() as directory:
        source, target = Path(directory) / "in.npz", Path(directory) / "out.npz"
        np.savez(source, allow_pickle=False, methods=np.array(methods), **columns)
        script = ROOT / "benchmarks" / "peers.py"
        command = [str(PYTHON), str(script), task, str(source), str(target), str(count)]
        # arena-rank's compiler talks a lot.
        environment = os.environ | {"TF_CPP_MIN_LOG_LEVEL": "3"}
        subprocess.run(command, check=True, env=environment)
        with np.load(target) as results:
            return dict(results)
