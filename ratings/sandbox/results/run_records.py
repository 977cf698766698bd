"""What came of a run as JSON, sent by a worker elsewhere and read as a stranger's."""

import json
import re
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any

from ratings.sandbox.results.absence import OtherFiles
from ratings.sandbox.results.run_result import Output, RunResult, Termination
from ratings.sandbox.run_limits import Limit, Limits
from ratings.sandbox.sandbox_errors import FileRefused

LARGEST_RECORD_BYTES = 64 << 20
MOST_FACTS, LONGEST_FACT = 100, 200  # of an environment; characters
SHA256 = re.compile(r"[0-9a-f]{64}")
LARGEST = 1 << 62


def record_of(result: RunResult) -> dict[str, Any]:
    """Return what is to be sent; limits are known where it arrives."""
    termination, others = result.termination, result.other_files
    return {
        "status": termination.status,
        "limit": termination.limit,
        "stopped": termination.stopped,
        "wall_seconds": termination.wall_seconds,
        "cpu_seconds": termination.cpu_seconds,
        "peak_memory_bytes": termination.peak_memory_bytes,
        "log": result.log.decode(errors="replace"),
        "outputs": {
            path: {"size_bytes": output.size_bytes, "sha256": output.sha256}
            for path, output in result.outputs.items()
        },
        "left_out": others.reasons,
        "before": sorted(others.before),
        "others": others.others,
        "others_in_all": others.others_in_all,
        "environment": dict(result.environment),
        "processor": result.processor,
        "pointers": list(result.pointers),
    }


def refusal_of(refused: FileRefused) -> dict[str, Any]:
    """Return what is to be sent of a decoder that can't be started."""
    return {"refused": refused.problems}


def read_record(
    content: bytes, limits: Limits, file_of: Callable[[str], Path]
) -> RunResult | FileRefused:
    """Read what `record_of` or `refusal_of` made; `file_of` names an output's file by its SHA-256.

    Raises ValueError saying what is wrong with it.
    """
    record = _parsed(content)
    if "refused" in record:
        problems = [_text(line) for line in _list(record["refused"])]
        if not problems:
            raise ValueError("it says nothing of why the decoder can't be started")
        return FileRefused(*problems)
    try:
        return _result(record, limits, file_of)
    except KeyError as missing:
        raise ValueError(f"{missing} is missing") from None


def _parsed(content: bytes) -> Mapping[str, Any]:
    try:
        record = json.loads(content)
        json.dumps(record, ensure_ascii=False, allow_nan=False).encode()  # no halves of characters
    except RecursionError:
        raise ValueError("it is nested too deeply") from None
    return _mapping(record)


def _result(record: Mapping[str, Any], limits: Limits, file_of: Callable[[str], Path]) -> RunResult:
    limit = record["limit"]
    termination = Termination(
        _whole(record["status"], 255),
        None if limit is None else Limit(_text(limit)),
        record["stopped"] is True,
        _seconds(record["wall_seconds"]),
        _seconds(record["cpu_seconds"]),
        _whole(record["peak_memory_bytes"]),
    )
    others = OtherFiles(
        {path: _text(reason) for path, reason in _mapping(record["left_out"]).items()},
        {_text(path) for path in _list(record["before"])},
        [_text(path) for path in _list(record["others"])],
        _whole(record["others_in_all"]),
    )
    return RunResult(
        termination,
        limits,
        _text(record["log"]).encode(),
        {path: _output(one, file_of) for path, one in _mapping(record["outputs"]).items()},
        others,
        facts(_mapping(record["environment"])),
        _text(record["processor"]),
        tuple(_text(path) for path in _list(record.get("pointers", []))),  # older workers: none
    )


def facts(environment: Mapping[str, Any]) -> dict[str, str]:
    """Return what a worker says of itself, within bounds. Raises ValueError."""
    if len(environment) > MOST_FACTS:
        raise ValueError(f"an environment has at most {MOST_FACTS} facts")
    return {name[:LONGEST_FACT]: _text(value)[:LONGEST_FACT] for name, value in environment.items()}


def _output(record: Any, file_of: Callable[[str], Path]) -> Output:  # noqa: ANN401
    one = _mapping(record)
    sha256 = _text(one["sha256"])
    if not SHA256.fullmatch(sha256):
        raise ValueError(f"{sha256[:80]!r} is no SHA-256 in hex")
    return Output(file_of(sha256), _whole(one["size_bytes"]), sha256)


def _mapping(value: object) -> Mapping[str, Any]:
    if not isinstance(value, dict):
        raise ValueError(f"{str(value)[:80]!r} is no object")
    return value


def _list(value: object) -> list[Any]:
    if not isinstance(value, list):
        raise ValueError(f"{str(value)[:80]!r} is no list")
    return value


def _text(value: object) -> str:
    if not isinstance(value, str):
        raise ValueError(f"{str(value)[:80]!r} is no text")
    return value


def _whole(value: object, most: int = LARGEST) -> int:
    if not isinstance(value, int) or isinstance(value, bool) or not 0 <= value <= most:
        raise ValueError(f"{str(value)[:80]!r} is no whole number up to {most}")
    return value


def _seconds(value: object) -> float:
    if isinstance(value, bool) or not isinstance(value, int | float) or not 0 <= value <= LARGEST:
        raise ValueError(f"{str(value)[:80]!r} is no number of seconds")
    return float(value)
