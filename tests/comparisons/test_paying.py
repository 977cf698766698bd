"""Whom to pay: every person once, as their platform knows them, and what erasing leaves."""

from datetime import timedelta

import numpy as np
import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from ratings.comparisons.judgments.judging import Answer, judge
from ratings.comparisons.judgments.screening import decide
from ratings.comparisons.models import Rater, Study
from ratings.comparisons.raters.paying import PAYMENT_COLUMNS, payment_rows
from ratings.comparisons.raters.privacy import erase_rater
from ratings.comparisons.raters.recruiting import EntryRequest, Participant, admit
from ratings.comparisons.trials.completion_codes import personal_code
from ratings.comparisons.trials.scheduling import issue
from ratings.comparisons.trials.session_end import finish_session
from tests.builders import NOW
from tests.comparisons.builders import build_filled_study, build_rater
from tests.comparisons.recruits import PROLIFIC, recruiting

pytestmark = pytest.mark.django_db
LATER = NOW + timedelta(minutes=9)


@pytest.fixture
def study() -> Study:
    protocol = recruiting(platforms=(PROLIFIC,))
    return build_filled_study(methods=3, trials_per_rater=2, protocol=protocol)


def person(study: Study, name: str, judgments: int) -> Rater:
    """Return a participant of a platform who judged so many trials."""
    request = EntryRequest(participant=Participant("prolific", name, "STUDY", f"session of {name}"))
    rater, _ = admit(study, None, request, NOW)
    for trial in issue(rater, judgments, NOW, np.random.default_rng(1)):
        judge(trial.pk, [rater.pk], Answer("left", 4000, {}), NOW)
    finish_session(rater, LATER)
    return rater


def test_every_person_has_a_row_and_nobody_else(study: Study) -> None:
    done, out = person(study, "p1", 2), person(study, "p2", 1)
    decide(out, Rater.State.REJECTED, "A script.", now=LATER)
    invited = build_rater(study)
    Rater.objects.filter(pk=build_rater(study).pk).update(simulated=True)
    rows = {row["participant"]: row for row in payment_rows(study)}
    assert set(rows) == {"p1", "p2", None}
    assert all(list(row) == PAYMENT_COLUMNS for row in rows.values())
    assert rows["p1"] == {
        "platform": "prolific",
        "participant": "p1",
        "platform_study": "STUDY",
        "platform_session": "session of p1",
        "completion_code": "C1",
        "state": "done",
        "decision": "used",
        "judgments": 2,
        "started_at": NOW.isoformat(),
        "finished_at": LATER.isoformat(),
    }
    told = {name: rows["p2"][name] for name in ("completion_code", "state", "judgments")}
    assert told == {"completion_code": "S1", "state": "ended", "judgments": 1}
    assert (rows["p2"]["decision"], rows["p2"]["finished_at"]) == ("rejected", None)
    text = str(list(rows.values()))
    assert not any(rater.pk.hex in text or str(rater.pk) in text for rater in (done, out, invited))


def test_many_people_cost_no_query_each(study: Study) -> None:
    def queries() -> int:
        with CaptureQueriesContext(connection) as asked:
            rows = list(payment_rows(Study.objects.get(pk=study.pk)))
        assert len(rows) == study.raters.count()
        return len(asked)

    person(study, "p1", 2)
    few = queries()
    for name, judgments in (("p2", 1), ("p3", 0), ("p4", 2)):
        person(study, name, judgments)
    build_rater(study)
    assert queries() == few


def test_what_is_erased_of_a_rater_is_erased_here_too(study: Study) -> None:
    rater = person(study, "p1", 2)
    erase_rater(rater)
    (row,) = payment_rows(study)
    names = ("platform", "participant", "platform_study", "platform_session")
    assert [row[name] for name in names] == [None] * 4
    assert (row["state"], row["judgments"]) == ("done", 2)
    assert row["completion_code"] == personal_code(rater)
