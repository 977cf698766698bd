"""Records of runs: what is sent is what arrives, and what a stranger sends is read or refused."""

import json
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from ratings.sandbox.results.absence import OtherFiles
from ratings.sandbox.results.run_records import read_record, record_of, refusal_of
from ratings.sandbox.results.run_result import Output, RunResult, Termination
from ratings.sandbox.run_limits import Limit, Limits
from ratings.sandbox.sandbox_errors import FileRefused

LIMITS = Limits(cpu_seconds=1, wall_seconds=4, memory_bytes=1 << 26)
TEXTS = st.text(st.characters(exclude_categories=["Cs"]), max_size=20)
SECONDS = st.floats(0, 1e6)
RESULTS = st.builds(
    RunResult,
    st.builds(
        Termination,
        st.integers(0, 255),
        st.none() | st.sampled_from(Limit),
        st.booleans(),
        SECONDS,
        SECONDS,
        st.integers(0, 1 << 62),
    ),
    st.just(LIMITS),
    TEXTS.map(str.encode),
    st.dictionaries(
        TEXTS, st.integers(0, 999).map(lambda n: Output(Path(f"{n:064x}"), n, f"{n:064x}"))
    ),
    st.builds(
        OtherFiles,
        st.dictionaries(TEXTS, TEXTS),
        st.sets(TEXTS),
        st.lists(TEXTS),
        st.integers(0, 99),
    ),
    st.dictionaries(TEXTS, TEXTS),
    TEXTS,
)
JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=3),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=3), inner),
    max_leaves=5,
)


@settings(max_examples=30)
@given(RESULTS)
def test_what_is_sent_is_what_arrives(result: RunResult) -> None:
    sent = json.dumps(record_of(result), ensure_ascii=False).encode()
    assert read_record(sent, LIMITS, Path) == result


@settings(max_examples=50)
@given(RESULTS, st.data())
def test_what_a_stranger_sends_is_read_or_refused(result: RunResult, data: st.DataObject) -> None:
    record = record_of(result)
    record[data.draw(st.sampled_from(sorted(record)))] = data.draw(JSON)
    try:
        read = read_record(json.dumps(record).encode(), LIMITS, Path)
    except ValueError:
        return
    assert isinstance(read, RunResult)
    assert read.verdict and isinstance(read.termination.cpu_seconds, float)
    read.log.decode()
    assert read.first_outputs(["a.png"]).keys() <= {"a.png"}


def test_a_refusal_arrives_with_its_lines() -> None:
    sent = json.dumps(refusal_of(FileRefused("decode: it is empty.", "b"))).encode()
    read = read_record(sent, LIMITS, Path)
    assert isinstance(read, FileRefused) and read.problems == ["decode: it is empty.", "b"]


@pytest.mark.parametrize("size", [0, 300])
def test_what_is_no_record_is_refused(size: int) -> None:
    with pytest.raises(ValueError):
        read_record(b"[" * size, LIMITS, Path)
