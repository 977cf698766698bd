"""Mistakes that teams make are told at home as on the server, each in a sentence with its mend."""

import pytest

from tests.kit.benches import Bench
from tests.kit.mistakes import MISTAKES

pytestmark = pytest.mark.django_db(transaction=True)  # a run is followed by a thread


def test_there_are_twenty_at_least() -> None:
    assert len(MISTAKES) >= 20


@pytest.mark.parametrize("name", MISTAKES)
def test_a_mistake_is_told_at_home_as_on_the_server(bench: Bench, name: str) -> None:
    decoder, words = MISTAKES[name]
    answer, _ = bench.both(decoder)
    assert words in "\n".join(answer.problems)
    told = [line for line in answer.problems if words in line]
    assert len(told) == 1 and told[0].endswith(".")
