"""Simulated answers: every fact that is declared, as the API takes it, and no two at odds."""

from datetime import UTC, datetime
from typing import Any

import numpy as np
import pytest

from ratings.api.rating.facts import FIELDS, VISIT_FACTS, problems
from ratings.comparisons import judgment_facts
from ratings.comparisons.judgment_facts import BODY, MOST_FLIP_TIMES, Fact
from ratings.comparisons.simulated_answers import usual, usual_answer, usual_visit
from tests.builders import NOW

SEEDS = range(5)
ALL_FACTS = [*BODY, judgment_facts.VISIT_FACTS[-1]]


def answer(seed: int, **known: Any) -> dict[str, Any]:
    certain = {"choice": "left", "response_ms": 4000, "flips": 3} | known
    return usual_answer(certain, NOW, np.random.default_rng(seed))


@pytest.mark.parametrize("fact", ALL_FACTS, ids=lambda fact: fact.name)
def test_a_fact_is_drawn_as_the_api_takes_it_though_nothing_is_known_of_it(fact: Fact) -> None:
    drawn = [usual(fact, 4000, NOW, np.random.default_rng(seed)) for seed in SEEDS]
    for value in [*drawn, *fact.usual]:
        assert list(problems({fact.name: value}, {**FIELDS, **VISIT_FACTS}, ())) == []


@pytest.mark.parametrize("seed", SEEDS)
def test_an_answer_has_every_fact_in_order_and_passes_the_check_of_the_api(seed: int) -> None:
    body = answer(seed)
    assert list(problems(body)) == []
    assert list(body) == [fact.name for fact in BODY]


def test_what_is_known_is_told_and_what_is_none_is_not() -> None:
    body = answer(1, choice="tie", zoom=2.0, shown_first=None)
    assert (body["choice"], body["response_ms"], body["flips"], body["zoom"]) == ("tie", 4000, 3, 2)
    assert body.keys() == {fact.name for fact in BODY} - {"shown_first"}


@pytest.mark.parametrize("seed", SEEDS)
def test_times_lie_within_the_answer(seed: int) -> None:
    body = answer(seed)
    assert len(body["flip_ms"]) == body["flips"]
    assert 0 <= body["first_input_ms"] == min(body["flip_ms"])
    assert body["flip_ms"] == sorted(body["flip_ms"]) and max(body["flip_ms"]) <= 4000
    shown, answered = (datetime.fromisoformat(body[f"{what}_at"]) for what in ("shown", "answered"))
    assert (answered, (answered - shown).total_seconds()) == (NOW, 4)
    assert answered.tzinfo is UTC
    assert answer(seed, flips=0)["first_input_ms"] == 4000
    assert len(answer(seed, flips=MOST_FLIP_TIMES + 1)["flip_ms"]) == MOST_FLIP_TIMES


@pytest.mark.parametrize("seed", SEEDS)
def test_a_visit_is_as_the_api_takes_it_on_a_screen_with_room_for_its_window(seed: int) -> None:
    found = usual_visit(NOW, np.random.default_rng(seed))
    assert list(problems(found, VISIT_FACTS, VISIT_FACTS)) == []
    assert found["window_width"] <= found["screen_width"]
    assert found["window_height"] <= found["screen_height"]
