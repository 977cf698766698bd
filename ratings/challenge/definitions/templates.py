"""Definitions to begin from: a few answers make the tables of a whole challenge."""

import re
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from decimal import Decimal
from typing import Any

from ratings.imaging.picture_plans import in_ascii

Tables = dict[str, Any]
# CLIC 2018 left a week for the test set, from the day after the last decoder.
TEST_WEEK = timedelta(days=8)
# What decoders make here is told to decode elsewhere or not: it costs little, and no score waits.
DECODED_HERE = {"decoder": "required", "elsewhere": "tell"}


@dataclass(frozen=True)
class Essentials:
    """What every challenge has: its data sets by name, its dates, its budget if there is one."""

    slug: str
    name: str
    summary: str
    datasets: Sequence[str]
    opens: datetime
    closes: datetime
    max_bpp: Decimal | None


def clic_2018(essentials: Essentials) -> Tables:
    """Return a challenge of two phases: the test takes only decoders of the validation."""
    one = essentials
    sets = [(address_of(name), name) for name in one.datasets]
    last_decoder = _last_decoder(one)
    validation = {
        "slug": "validation",
        "name": "Validation",
        "datasets": [slug for slug, _ in sets],
        "opens": one.opens,
        "closes": last_decoder,
        "originals_open": one.opens,
        **_budget(one),
        "boards_open": one.opens,
        **DECODED_HERE,
    }
    test_opens = last_decoder + timedelta(seconds=1)
    test = {
        "slug": "test",
        "name": "Test",
        "datasets": [f"{slug}-test" for slug, _ in sets],
        "opens": test_opens,
        "closes": one.closes,
        "originals_open": test_opens,
        **_budget(one),
        "board": "latest",
        "decoder": "registered",
        "decoders_from": "validation",
        "elsewhere": "tell",
    }
    return _top(one) | {
        "dataset": [
            *({"slug": slug, "name": f"{name} (validation)"} for slug, name in sets),
            *({"slug": f"{slug}-test", "name": f"{name} (test)"} for slug, name in sets),
        ],
        "phase": [validation, test],
    }


def _last_decoder(one: Essentials) -> datetime:
    """Return when validation ends: a week before the test does, or halfway in a short time."""
    halfway = one.opens + (one.closes - one.opens) // 2
    return max(one.closes - TEST_WEEK, halfway.replace(microsecond=0))


def one_phase(essentials: Essentials) -> Tables:
    """Return a challenge of one phase, whose decoders run on the server."""
    return _with_one_phase(essentials, DECODED_HERE)


def ratings_only(essentials: Essentials) -> Tables:
    """Return a challenge for pictures that are decoded already: one phase, and a study of it."""
    study = {
        "slug": f"{essentials.slug}-people"[:50],
        "phase": "main",
        "name": essentials.name,
        "consent": "",
    }
    return _with_one_phase(essentials, {"decoder": "optional"}) | {"study": [study]}


TEMPLATES: Mapping[str, tuple[str, Callable[[Essentials], Tables]]] = {
    "one-phase": (
        "One phase: teams submit; the study, where people judge, is added on the next page",
        one_phase,
    ),
    "clic-2018": (
        "As CLIC 2018: validation, then a test with the same decoders; studies are added there too",
        clic_2018,
    ),
    "ratings-only": ("I have decoded pictures, and need people", ratings_only),
}


def _with_one_phase(one: Essentials, decoding: Tables) -> Tables:
    phase = {
        "slug": "main",
        "name": "Main",
        "datasets": [address_of(name) for name in one.datasets],
        "opens": one.opens,
        "closes": one.closes,
        "originals_open": one.opens,
        **_budget(one),
        **decoding,
    }
    datasets = [{"slug": address_of(name), "name": name} for name in one.datasets]
    return _top(one) | {"dataset": datasets, "phase": [phase]}


def _top(one: Essentials) -> Tables:
    """Return the top of the file: nobody but organizers sees what has just begun."""
    return {"slug": one.slug, "name": one.name, "summary": one.summary, "draft": True}


def _budget(one: Essentials) -> Tables:
    return {"max_bpp": one.max_bpp} if one.max_bpp is not None else {}


def address_of(name: str) -> str:
    """Return a name as it may stand in an address; "" where it has no letter that may."""
    return "-".join(re.findall("[A-Za-z0-9]+", in_ascii(name)))[:40]
