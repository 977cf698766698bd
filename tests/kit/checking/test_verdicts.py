"""Every ending has the same words at home as on the server; so have logs and limits."""

import pytest
from hypothesis import given
from hypothesis import strategies as st
from running import BoundedLog
from verdicts import Limits, Outcome, size_words

from ratings.sandbox import limits as server
from ratings.sandbox.logs import BoundedLog as ServersLog
from ratings.sandbox.outcome import Ending
from ratings.sandbox.outcome import Outcome as ServersOutcome

amounts = st.integers(1, 1 << 44)
numbers = st.fixed_dictionaries(
    {
        "cpu_seconds": st.floats(0.1, 1e6),
        "wall_seconds": st.floats(0.1, 1e6),
        "memory_bytes": amounts,
        "processes": st.integers(1, 10_000),
    }
)
LIMITS = {
    None: lambda limits: "",
    server.Limit.MEMORY: lambda limits: limits.memory,
    server.Limit.CPU: lambda limits: limits.cpu,
    server.Limit.WALL: lambda limits: limits.wall,
    server.Limit.PROCESSES: lambda limits: limits.crowd,
}


@given(
    st.integers(0, 255), st.binary(max_size=300), numbers, st.sampled_from(list(LIMITS)), st.data()
)
def test_verdicts(
    status: int,
    log: bytes,
    numbers: dict[str, int],
    limit: server.Limit | None,
    data: st.DataObject,
) -> None:
    stopped = limit is not None and data.draw(st.booleans())
    words = LIMITS[limit](Limits(**numbers))
    at_home = Outcome(
        status, log, stopped_at=words if stopped else "", refused_by="" if stopped else words
    )
    ending = Ending(status, limit, stopped)
    assert at_home.verdict == ServersOutcome(ending, server.Limits(**numbers), log).verdict


@given(st.integers(0, 1 << 50))
def test_sizes(size: int) -> None:
    assert size_words(size) == server.size_words(size)


@given(st.lists(st.binary(max_size=40), max_size=20), st.integers(1, 100))
def test_long_logs(parts: list[bytes], limit: int) -> None:
    seen, seen_there = bytearray(), bytearray()
    at_home, there = BoundedLog(seen.extend, limit), ServersLog(limit, seen_there.extend)
    for part in parts:
        at_home.write(part)
        there.write(part)
        assert seen == seen_there
    assert at_home.finish() == there.finish() == bytes(seen)


def test_limits_are_said_with_their_units() -> None:
    limits = Limits(cpu_seconds=0.5, wall_seconds=60, memory_bytes=3 << 29, processes=8)
    assert (limits.cpu, limits.memory) == (
        "the CPU time limit of 0.5 s",
        "the memory limit of 1.5 GiB",
    )


@pytest.mark.parametrize(("status", "words"), [(127, "did not start"), (139, "SIGSEGV"), (9, "9")])
def test_the_last_words_are_quoted(status: int, words: str) -> None:
    verdict = Outcome(status, b"first\nlast\n\n").verdict
    assert words in verdict
    assert verdict.endswith('; its last words: "last".')
