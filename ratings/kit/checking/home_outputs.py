# SPDX-License-Identifier: Apache-2.0
"""The pictures among what a decoder made, and what is wrong with them."""

from collections.abc import Iterable, Mapping, Sequence

from ratings.imaging.alike import told_once
from ratings.imaging.pixels import Rgb
from ratings.kit.checking.home_entry import Originals
from ratings.sandbox.results.absence import absence, unexplained
from ratings.sandbox.results.run_result import Output, RunResult
from ratings.sandbox.sandbox_errors import FileRefused


class HomeOutputs:
    """What a run made of each original; pictures are found by their names, in any folder."""

    def __init__(self, run_result: RunResult, originals: Originals) -> None:
        self._result, self._originals = run_result, originals
        self._by_name = run_result.by_name()
        self._missing = [name for name in originals if name not in self._by_name]
        self._wrote, self._lines = absence(
            self._missing, originals, run_result.outputs, run_result.other_files
        )

    def sha256(self, name: str) -> str:
        """Return the digest of a picture's file, "" where there is none."""
        paths = self._by_name.get(name)
        return self._result.outputs[paths[0]].sha256 if paths else ""

    def read(self, name: str) -> Rgb:
        """Return a picture's samples. Raises FileRefused where it is not there, or is none."""
        original, paths = self._originals[name], self._by_name.get(name)
        if not paths:
            raise FileRefused(self._lines[name])
        if other := _other(paths, self._result.outputs):
            raise FileRefused(f"{name}: found {paths[0]!r} and {other!r}, which differ; write one.")
        output = self._result.outputs[paths[0]]
        if output.size_bytes > original.limit_bytes:
            raise FileRefused(f"{name}: it may have at most {original.limit_bytes} bytes.")
        return original.read_decoded(output.file)

    def problems(self, against: Iterable[tuple[str, str]]) -> list[str]:
        """Return all that is missing or wrong, the cause first; `against` are lines by name."""
        result = self._result
        causes = [result.verdict] if result.termination.stopped else []
        causes = result.diagnosis.causes(self._wrote) if self._missing else causes
        problems = [*causes, *told_once(against)]
        return [*problems, *unexplained(self._missing, result.other_files)] if problems else []


def _other(paths: Sequence[str], outputs: Mapping[str, Output]) -> str:
    """Return the first of the paths whose file is not that of the first; "" where all are alike."""
    first = outputs[paths[0]].sha256
    return next((path for path in paths if outputs[path].sha256 != first), "")
