"""The folders of `hostile/` as values, and what every lane checks of them; see the README there."""

import json
import tomllib
from collections.abc import Callable
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any

from ratings.sandbox.results.run_records import read_record, record_of
from ratings.sandbox.results.run_result import RunResult
from ratings.sandbox.run_limits import Limit
from tests.sandbox.builders import SMALL

FOLDER = Path(__file__).with_name("hostile")
TRIES = (FOLDER / "tries.py").read_text()
BUBBLEWRAP, CONTAINER = "bubblewrap", "container"


@dataclass(frozen=True)
class Hostile:
    """A program, and what `expected.toml` says of its run; no limits: it must end by itself."""

    name: str  # of its folder, after its group's
    program: str
    verdict: str
    limits: tuple[Limit, ...] = ()
    left_out: str = ""
    wall_seconds: float = SMALL.wall_seconds
    lanes: tuple[str, ...] = field(default=(BUBBLEWRAP, CONTAINER))

    @property
    def group(self) -> str:
        return self.name.partition("/")[0]

    def run(self, run: Callable[..., RunResult], **options: Any) -> RunResult:
        """Run it with `tries.py` and one input beside it."""
        limits = replace(SMALL, wall_seconds=self.wall_seconds)
        given = {"given": b"x"}
        return run(self.program, limits=limits, inputs=given, tries__py=TRIES, **options)

    def check_contained(self, result: RunResult) -> None:
        """Check that it got nothing."""
        assert b"BREACH" not in result.log, result
        if "refused" in self.program and not self.limits:
            assert b"refused" in result.log or result.termination.signal, result
        assert result.outputs == {} or "more than" in self.left_out
        reasons = result.other_files.reasons
        assert self.left_out in " ".join(reasons.values()) or not self.left_out
        assert bool(reasons) == bool(self.left_out), reasons
        assert len(result.log) <= SMALL.log_bytes + 100
        # A worker elsewhere can tell of it.
        told = json.dumps(record_of(result), ensure_ascii=False).encode()
        read = read_record(told, result.limits, Path)
        assert isinstance(read, RunResult) and read.other_files.reasons == reasons

    def check_verdict(self, result: RunResult) -> None:
        """Check that the run ended as expected, and that the verdict says so."""
        assert self.verdict in result.verdict, result
        assert result.termination.limit in (self.limits or (None,)), result


def read(folder: Path) -> Hostile:
    """Return the decoder of one folder. Raises KeyError or TypeError for keys that mean nothing."""
    expected = tomllib.loads((folder / "expected.toml").read_text())
    expected["limits"] = tuple(map(Limit, expected.get("limits", ())))
    expected["lanes"] = tuple(expected.get("lanes", (BUBBLEWRAP, CONTAINER)))
    name = folder.relative_to(FOLDER).as_posix()
    return Hostile(name, (folder / "decode").read_text(), **expected)


HOSTILE = {one.name: one for one in map(read, sorted(FOLDER.glob("*/*/")))}
