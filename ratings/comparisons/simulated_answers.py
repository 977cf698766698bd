"""What simulated raters tell with their answers: a usual value of every fact that is declared."""

from collections.abc import Mapping
from datetime import datetime, timedelta
from typing import Any

import numpy as np

from ratings.comparisons.judgment_facts import (
    BODY,
    MOST_FLIP_TIMES,
    VISIT_FACTS,
    Fact,
    FactKind,
)


def usual_visit(answered_at: datetime, rng: np.random.Generator) -> dict[str, Any]:
    """Return what the page would find of a rater's window and screen when a visit begins."""
    return {fact.name: usual(fact, 0, answered_at, rng) for fact in VISIT_FACTS}


def usual_answer(
    known: Mapping[str, Any], answered_at: datetime, rng: np.random.Generator
) -> dict[str, Any]:
    """Return the body of an answer given at this instant, in the order of the declared facts.

    `known` are choice, response_ms, flips, and whatever else is certain; what is None in it is not
    told. The times of flips lie within the response time.
    """
    response_ms: int = known["response_ms"]
    flips = min(known["flips"], MOST_FLIP_TIMES)
    flip_ms = sorted(rng.integers(0, response_ms, flips, endpoint=True).tolist())
    certain = {
        "flip_ms": flip_ms,
        "first_input_ms": min([*flip_ms, response_ms]),
        "shown_at": (answered_at - timedelta(milliseconds=response_ms)).isoformat(),
        **known,
    }
    body = {
        fact.name: certain[fact.name]
        if fact.name in certain
        else usual(fact, response_ms, answered_at, rng)
        for fact in BODY
    }
    return {name: value for name, value in body.items() if value is not None}


def usual(fact: Fact, response_ms: int, answered_at: datetime, rng: np.random.Generator) -> Any:  # noqa: ANN401
    """Draw a value of one fact: one of its usual ones, else what nobody would wonder at.

    Without usual values that is any option, the least number, any time within the response time
    (ms), no times, the instant of the answer, or true.
    """
    if options := fact.usual or fact.options:
        return options[int(rng.integers(len(options)))]
    if fact.kind is FactKind.DURATION:
        return int(rng.integers(0, response_ms, endpoint=True))
    if fact.kind is FactKind.DURATIONS:
        return []
    if fact.kind is FactKind.INSTANT:
        return answered_at.isoformat()
    return True if fact.kind is FactKind.TRUTH else fact.least
