"""Privacy: all that is kept is shown; what leads to a person is erased; published numbers stay."""

import json
from typing import Any

import numpy as np
import pytest
from django.core.management import call_command
from django.core.management.base import CommandError
from django.db import models

from ratings.comparisons.judgment_facts import DEVICE_NAMES, DISPLAY_NAMES
from ratings.comparisons.judgments.judging import Answer, judge
from ratings.comparisons.models import Invitation, Judgment, Rater, Recruit, Study, Visit
from ratings.comparisons.raters import rater_keys
from ratings.comparisons.raters.privacy import (
    Erased,
    erase_rater,
    find_rater,
    rater_data,
)
from ratings.comparisons.raters.recruiting import EntryRequest, Participant, admit
from ratings.comparisons.trials.completion_codes import personal_code
from ratings.comparisons.trials.scheduling import issue
from ratings.ranking.evidence.rater_reports import make_report
from tests.builders import NOW
from tests.comparisons.builders import build_filled_study, build_rater
from tests.comparisons.recruits import PROLIFIC, recruiting, refused

pytestmark = pytest.mark.django_db

FACTS = dict.fromkeys(DISPLAY_NAMES, 7) | {"flips": 3, "visit": 1}
PERSON = EntryRequest(participant=Participant("prolific", "5f3a9c", "S", "T"))


@pytest.fixture
def study() -> Study:
    return build_filled_study(methods=3, protocol=recruiting(platforms=(PROLIFIC,)))


@pytest.fixture
def rater(study: Study) -> Rater:
    """Return a participant of a platform with a visit and two judgments."""
    rater, _ = admit(study, None, PERSON, NOW)
    rater_keys.visit(rater, "Mozilla/5.0", {"window_width": 1366}, NOW)
    for trial in issue(rater, 2, NOW, np.random.default_rng(1)):
        judge(trial.pk, [rater.pk], Answer("left", 4000, FACTS), NOW)
    return rater


def test_everything_that_points_to_a_rater_is_shown(study: Study, rater: Rater) -> None:
    make_report(study, NOW)
    shown = rater_data(Rater.objects.get(pk=rater.pk))
    pointing = {
        relation.related_model
        for relation in Rater._meta.related_objects
        if isinstance(relation, models.ManyToOneRel)
    }
    assert {model._meta.model_name for model in pointing} == {
        "recruit",
        "comment",
        "visit",
        "decision",
        "trial",
        "ratercount",
        "recruiteract",
        "reportedrater",
        "questionanswer",
    }
    assert shown["rater"]["id"] == rater.pk
    assert shown["recruit"]["participant"] == "5f3a9c"
    assert shown["invitation"] is None
    assert shown["visits"][0]["browser"] == "Mozilla/5.0"
    answers = [answer for trial in shown["trials"] for answer in trial["judgments"]]
    assert [answer["display"] for answer in answers] == [FACTS, FACTS]
    assert len(shown["counts"]) == 2
    assert shown["report"]["rater_id"] == rater.pk
    assert shown["report"]["facts"]["judgments"] == 2


def test_erasing_leaves_answers_and_nothing_of_a_person(study: Study, rater: Rater) -> None:
    other = build_rater(study)
    rater_keys.visit(other, "Other/1.0", {}, NOW)
    before = list(Judgment.objects.order_by("pk").values("pk", "choice", "response_ms", "excluded"))
    assert erase_rater(rater) == Erased(recruits=1, invitations=0, visits=1, answers=2)
    text = json.dumps(rater_data(rater), default=str)
    for personal in ("5f3a9c", "prolific", "Mozilla", "1366", *DEVICE_NAMES):
        assert personal not in text
    after = Judgment.objects.order_by("pk")
    assert list(after.values("pk", "choice", "response_ms", "excluded")) == before
    left = {name: value for name, value in FACTS.items() if name not in DEVICE_NAMES}
    assert [judgment.display for judgment in after] == [left, left]
    assert Visit.objects.get(rater=other).browser == "Other/1.0"
    assert erase_rater(rater) == Erased(0, 0, 0, 0)


def test_a_place_of_an_invitation_stays_taken() -> None:
    study = build_filled_study(protocol=recruiting(open=False))
    alone = study.invitations.create(label="Ada Lovelace")
    group = study.invitations.create(label="a class", most_raters=2)
    for invitation in (alone, group):
        rater, _ = admit(study, None, EntryRequest(invitation.token), NOW)
        assert erase_rater(rater).invitations == 1
        assert Rater.objects.get(pk=rater.pk).invitation is None
    assert list(Invitation.objects.order_by("pk").values_list("label", "most_raters")) == [
        ("", 0),
        ("a class", 1),
    ]
    assert refused(study, EntryRequest(alone.token)) == "invitation-used"
    assert admit(study, None, EntryRequest(group.token), NOW)[1]
    assert refused(study, EntryRequest(group.token)) == "invitation-used"


def test_a_person_is_found_by_whatever_they_can_name(study: Study, rater: Rater) -> None:
    for name in (rater.pk.hex, str(rater.pk), personal_code(rater).lower(), "5f3a9c"):
        assert find_rater(study, name) == rater
        assert find_rater(build_filled_study(), name) is None
    for name in ("", "nobody", "0" * 32):
        assert find_rater(study, name) is None


def test_the_command_shows_and_erases(
    study: Study, rater: Rater, capsys: pytest.CaptureFixture[str]
) -> None:
    call_command("rater_data", study.slug, "5f3a9c")
    shown: dict[str, Any] = json.loads(capsys.readouterr().out)
    assert shown["rater"]["id"] == str(rater.pk)
    call_command("rater_data", study.slug, "5f3a9c", "--erase")
    said = capsys.readouterr().out
    assert "of 1 visits and 2 answers; comments and words to flags: 0; answers to the" in said
    assert not Recruit.objects.exists()
    with pytest.raises(CommandError, match="no rater '5f3a9c': give an identifier"):
        call_command("rater_data", study.slug, "5f3a9c")
    with pytest.raises(CommandError, match="no study 'nowhere'"):
        call_command("rater_data", "nowhere", rater.pk.hex)
