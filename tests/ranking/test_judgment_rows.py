"""Judgments that the database writes at once are those read one by one, byte for byte."""

import io
from dataclasses import replace
from datetime import timedelta

import numpy as np
import pytest

from ratings.comparisons.judgments.screening import decide
from ratings.comparisons.models import Entry, Invitation, Judgment, Rater, Recruit, Study
from ratings.comparisons.protocol import Platform, Recruiting
from ratings.comparisons.raters import rater_keys
from ratings.ranking.evidence import judgment_query
from ratings.ranking.evidence.judgment_query import JUDGMENT_COLUMNS
from ratings.ranking.evidence.judgment_rows import JUDGMENT_SCHEMA, judgment_rows
from ratings.ranking.tables.export import judgments_csv, to_csv
from ratings.ranking.tables.parquet import write_judgments, write_rows
from ratings.submissions.models import Submission
from tests.builders import NOW
from tests.comparisons.builders import PLAIN, build_filled_study
from tests.comparisons.checks import build_answer, build_goldens
from tests.ranking.builders import judge_all
from tests.ranking.plain_rows import plain_rows

pytestmark = pytest.mark.django_db
WILD = ("=1+1", "NA", "a,b", 'say "x"', "two\r\nlines", "\ttab", "'nan", "é, ü", "\\.", " - ")


def build_wild_study() -> Study:
    """A study with all that lines have to tell, under names that are hard to write."""
    study = build_filled_study(methods=5, pictures=3)
    trials = judge_all(study, raters=5, simulated=True)
    for entry, label in zip(study.entries.order_by("pk"), WILD, strict=False):
        Entry.objects.filter(pk=entry.pk).update(label=label)
    raters = list(study.raters.order_by("pk"))
    for number, (rater, text) in enumerate(zip(raters, WILD[::-1], strict=False)):
        rater_keys.visit(rater, text, {}, NOW)
        build_goldens(rater, [True, False])
        first = study.entries.order_by("pk")[number]
        build_answer(rater, "tie", kind="identical", entry=first)
    put_in_levels(study, raters)
    decide(raters[0], Rater.State.REJECTED, "", now=NOW)
    decide(raters[1], Rater.State.NOT_USED, "Too fast,\nor none.", now=NOW)
    Submission.objects.filter(entries__label=WILD[1]).update(
        exclusion=Submission.Exclusion.WITHDRAWN
    )
    rng = np.random.default_rng(1)
    for judgment in Judgment.objects.filter(trial__rater__study=study).order_by("pk"):
        judgment.display = some_facts(rng)
        judgment.response_ms = int(rng.integers(200, 5000))
        judgment.judged_at = NOW + timedelta(microseconds=int(rng.choice([0, 5, 120_000])))
        judgment.undone_at = NOW if rng.random() < 0.1 else None
        judgment.excluded = bool(rng.random() < 0.2)
        reason = str(rng.choice(["", *WILD]))
        judgment.exclusion_reason = reason if judgment.excluded else ""
        judgment.save()
    assert trials
    return study


def put_in_levels(study: Study, raters: list[Rater]) -> None:
    """Let pictures have scenes, and raters be of a link, of a platform, or of neither."""
    pictures = [original.name for original in study.phase.originals()]
    scenes = [
        {"name": WILD[0], "pictures": pictures[:1]},
        {"name": "NA", "pictures": pictures[1:2]},
    ]
    study.phase.datasets.update(scenes=scenes)
    rules = Recruiting(platforms=(Platform("prolific", group=WILD[3]),))
    Study.objects.filter(pk=study.pk).update(
        protocol_json=replace(PLAIN, recruiting=rules).as_json()
    )
    link = Invitation.objects.create(study=study, group=WILD[8], most_raters=9)
    Rater.objects.filter(pk__in=[one.pk for one in raters[:2]]).update(invitation=link)
    Recruit.objects.create(rater=raters[2], study=study, platform="prolific", participant="P")
    Rater.objects.filter(pk=raters[3].pk).update(group="kept")
    study.refresh_from_db()


def some_facts(rng: np.random.Generator) -> dict[str, object]:
    facts: dict[str, object] = {
        "device_pixel_ratio": float(rng.choice([0.1, 1.0, 1.25, 1.100000023841858])),
        "zoom": int(rng.integers(1, 3)),
        "layout": "sides",
        "magnified": 2,
        "flips": int(rng.integers(0, 6)),
        "flip_ms": rng.integers(0, 9999, int(rng.integers(0, 4))).tolist(),
        "shown_at": "2026-01-31T12:00:00.120000+00:00",
        "answered_at": "2026-01-31T12:00:00+00:00",
        "visit": int(rng.integers(1, 3)),
    }
    return {name: value for name, value in facts.items() if rng.random() < 0.8}


def test_the_csv_is_the_plain_one() -> None:
    study = build_wild_study()
    plain = "".join(to_csv(JUDGMENT_COLUMNS, plain_rows(study)))
    assert b"".join(judgments_csv(study)) == plain.encode()


def test_the_rows_are_the_plain_ones() -> None:
    study = build_wild_study()
    assert list(judgment_rows(study)) == list(plain_rows(study))


def test_the_parquet_file_is_the_plain_one() -> None:
    study = build_wild_study()
    ours, plain = io.BytesIO(), io.BytesIO()
    write_judgments(study, ours)
    write_rows(plain, JUDGMENT_SCHEMA, plain_rows(study))
    assert ours.getvalue() == plain.getvalue()


@pytest.mark.parametrize("at_once", [1, 7])
def test_pieces_are_put_together(at_once: int, monkeypatch: pytest.MonkeyPatch) -> None:
    study = build_wild_study()
    build_filled_study()  # another one's judgments lie between
    plain = "".join(to_csv(JUDGMENT_COLUMNS, plain_rows(study)))
    monkeypatch.setattr(judgment_query, "AT_ONCE", at_once)
    assert b"".join(judgments_csv(study)) == plain.encode()
