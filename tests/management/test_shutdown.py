"""Whatever ends the site, and whenever: it ends soon, says one line, and leaves nothing behind."""

import os
import random
import signal
import subprocess
import sys
import tempfile
import time
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from itertools import product
from pathlib import Path

import pytest

from tests.management.sites import ROOT, free_port, processes_that_name, start
from tests.waiting import PATIENCE_SECONDS, eventually

SIGNALS = (signal.SIGINT, signal.SIGTERM, signal.SIGHUP)
LANES = 2
SECONDS = 30.0  # a few on a machine that has nothing else to do
# Before it has used so much of a processor Python itself is not up, and says of Ctrl-C what it
# wants.
PYTHON_CPU_SECONDS = 0.3
LONGEST_SECONDS = 10.0
LAST_LINES = ("Stopping.", "Interrupted.")


@dataclass(frozen=True)
class Blow:
    """What ends one site: when, which signal, whether as a terminal sends it, and how often."""

    after: float
    signal: signal.Signals
    to_group: bool
    times: int

    def fall(self, process: subprocess.Popen[str]) -> None:
        for _ in range(self.times):
            send = os.killpg if self.to_group else os.kill
            send(process.pid, self.signal)
            time.sleep(0.05)


def blows() -> list[Blow]:
    """Each kind twice; most fall while the site starts, some while it loads the demo.

    What these tests ignore themselves, as SIGHUP under nohup, their sites ignore too.
    """
    signals = [number for number in SIGNALS if signal.getsignal(number) != signal.SIG_IGN]
    kinds = list(product(signals, (True, False), (1, 2))) * 2
    after = [LONGEST_SECONDS * (number / len(kinds)) ** 2 for number in range(len(kinds))]
    random.Random(5).shuffle(after)
    return [Blow(instant, *kind) for instant, kind in zip(after, kinds, strict=True)]


def faults(blow: Blow, data_dir: Path) -> list[str]:
    """Let a site start and end; return what is wrong with how it ended."""
    command = [sys.executable, "manage.py", "serve"]
    with start(command, ROOT, data_dir, PORT=str(free_port())) as process:
        eventually(lambda: cpu_seconds(process.pid) > PYTHON_CPU_SECONDS, every=0.01)
        time.sleep(blow.after)
        may_be_silent = not catches(process.pid, blow.signal)
        told = time.monotonic()
        blow.fall(process)
        printed = process.communicate(timeout=PATIENCE_SECONDS)[0]
    took = time.monotonic() - told
    problems = [f"{took:.1f} s"] if took > SECONDS else []
    problems += processes_that_name(f"RATINGS_DATA_DIR={data_dir}\0")
    lines = [line for line in printed.splitlines() if line and not line.startswith("Demo entry")]
    is_silent = not lines and may_be_silent
    if "Traceback" in printed or not (is_silent or says_its_end(lines)):
        problems.append(printed)
    return problems


def cpu_seconds(pid: int) -> float:
    """Return how long a process has used a processor."""
    words = Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()
    return (int(words[11]) + int(words[12])) / os.sysconf("SC_CLK_TCK")


def catches(pid: int, number: signal.Signals) -> bool:
    """Tell whether a process heeds a signal; before that it ends like any program."""
    status = Path(f"/proc/{pid}/status").read_text()
    caught = next(line for line in status.splitlines() if line.startswith("SigCgt:"))
    return bool(int(caught.split()[1], 16) >> (number - 1) & 1)


def says_its_end(lines: list[str]) -> bool:
    """Tell whether one line, the last, says that the site ends."""
    said = [line for line in lines if line in LAST_LINES]
    return len(said) == 1 and said == lines[-1:]


@pytest.mark.slow
@pytest.mark.skipif(not Path("/proc/self/environ").exists(), reason="looks at /proc")
def test_it_ends_whatever_arrives_and_when() -> None:
    def lane(some: list[Blow]) -> list[tuple[Blow, list[str]]]:
        with tempfile.TemporaryDirectory(prefix="ratings-ending-") as folder:
            Path(folder).chmod(0o755)
            return [(blow, faults(blow, Path(folder) / "var")) for blow in some]

    with ThreadPoolExecutor(LANES) as pool:
        lanes = pool.map(lane, (blows()[number::LANES] for number in range(LANES)))
        assert not [run for ended in lanes for run in ended if run[1]]
