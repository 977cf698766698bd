"""Quotas of one kind of raters: who is counted, who is refused, and many who come at once."""

from collections.abc import Callable
from dataclasses import replace

import numpy as np
import pytest

from ratings.challenge.refusals import Refused
from ratings.comparisons.ending_rules import RaterQuota
from ratings.comparisons.models import Rater
from ratings.comparisons.protocol import Protocol
from ratings.comparisons.raters.places import end_if_full
from ratings.comparisons.raters.recruiting import EntryRequest, Participant, admit, precheck
from ratings.comparisons.study.study_tables import study_toml
from ratings.comparisons.trials.scheduling import issue
from ratings.comparisons.trials.session_progress import State, progress_of_rater
from tests.builders import NOW
from tests.comparisons.builders import build_filled_study, build_rater, build_study
from tests.comparisons.recruits import PROLIFIC, recruiting, refused
from tests.comparisons.threads import in_threads

pytestmark = pytest.mark.django_db
GERMAN = EntryRequest(language="de")


def with_quotas(*quotas: RaterQuota, languages: tuple[str, ...] = ("en", "de")) -> Protocol:
    platforms = (replace(PROLIFIC, group="panel"), replace(PROLIFIC, slug="b", participant="B"))
    protocol = recruiting(languages=languages, platforms=platforms)
    return replace(protocol, recruiting=replace(protocol.recruiting, quotas=quotas))


def sent(platform: str, name: str) -> EntryRequest:
    return EntryRequest(participant=Participant(platform, name))


def test_a_full_language_is_told_before_anybody_consents_and_others_go_on() -> None:
    study = build_study(protocol=with_quotas(RaterQuota("language", "de", 1)))
    assert precheck(study, GERMAN, NOW) == ""
    admit(study, None, GERMAN, NOW)
    assert precheck(study, GERMAN, NOW) == refused(study, GERMAN) == "kind-full"
    assert admit(study, None, EntryRequest(), NOW)[1]


def test_platforms_and_groups_are_counted_by_how_somebody_came() -> None:
    by_platform = build_study(protocol=with_quotas(RaterQuota("platform", "b", 1)))
    admit(by_platform, None, sent("b", "x"), NOW)
    assert refused(by_platform, sent("b", "y")) == "kind-full"
    assert admit(by_platform, None, sent("prolific", "y"), NOW)[1]
    by_group = build_study(protocol=with_quotas(RaterQuota("group", "panel", 2)))
    token = by_group.invitations.create(group="panel", most_raters=5).token
    admit(by_group, None, EntryRequest(token), NOW)
    admit(by_group, None, sent("prolific", "x"), NOW)
    assert refused(by_group, EntryRequest(token)) == "kind-full"
    assert refused(by_group, sent("prolific", "y")) == "kind-full"
    assert admit(by_group, None, sent("b", "y"), NOW)[1]


def test_a_place_is_free_again_when_its_rater_was_ended() -> None:
    study = build_study(protocol=with_quotas(RaterQuota("language", "de", 1)))
    rater, _ = admit(study, None, GERMAN, NOW)
    Rater.objects.filter(pk=rater.pk).update(ending=Rater.Ending.AWAY, ended_at=NOW)
    assert admit(study, None, GERMAN, NOW)[1]


def test_who_answers_that_they_are_of_a_full_kind_is_told_and_ended() -> None:
    study = build_study(protocol=with_quotas(RaterQuota("question.glasses", "yes", 1)))
    first, second, third = (build_rater(study) for _ in range(3))
    assert not end_if_full(first, {"question.glasses": "yes"}, NOW)
    # Who answers again is not counted beside themselves.
    first.refresh_from_db()
    assert not end_if_full(first, {"question.glasses": "yes"}, NOW)
    assert end_if_full(second, {"question.glasses": "yes"}, NOW)
    assert not end_if_full(third, {"question.glasses": "no"}, NOW)
    assert not end_if_full(third, {"question.other": "yes"}, NOW)
    second.refresh_from_db()
    assert second.ending == Rater.Ending.FULL
    assert progress_of_rater(second).state is State.ENDED


def test_a_place_that_was_given_is_kept_when_the_answer_is_sent_again() -> None:
    study = build_study(protocol=with_quotas(RaterQuota("question.glasses", "yes", 1)))
    slow, next_one = build_rater(study), build_rater(study)
    told = {"question.glasses": "yes"}
    assert not end_if_full(slow, told, NOW)
    Rater.objects.filter(pk=next_one.pk).update(kinds=told, finished_at=NOW)
    assert not end_if_full(slow, told, NOW)
    slow.refresh_from_db()
    assert slow.ending == ""


def test_nobody_is_ended_as_one_too_many_who_is_at_work_or_ended_otherwise() -> None:
    study = build_filled_study(protocol=with_quotas(RaterQuota("question.q", "a", 0)))
    at_work, away, gone, new = (build_rater(study) for _ in range(4))
    assert issue(at_work, 1, NOW, np.random.default_rng(1))
    Rater.objects.filter(pk=away.pk).update(ending=Rater.Ending.AWAY)
    Rater.objects.filter(pk=gone.pk).update(withdrawn_at=NOW)
    assert [end_if_full(one, {"question.q": "a"}, NOW) for one in (at_work, away, gone, new)] == [
        *(False, False, False),
        True,
    ]
    away.refresh_from_db()
    assert away.ending == Rater.Ending.AWAY


@pytest.mark.django_db(transaction=True)
def test_of_many_at_once_as_many_stay_as_there_are_places() -> None:
    quotas = (RaterQuota("language", "de", 2), RaterQuota("question.q", "a", 3))
    study = build_study(protocol=with_quotas(*quotas))
    raters = [build_rater(study) for _ in range(6)]
    told: list[str] = []

    def begin() -> None:
        try:
            admit(study, None, GERMAN, NOW)
        except Refused as refused:
            told.append(refused.code)

    def tell(rater: Rater) -> Callable[[], object]:
        return lambda: end_if_full(rater, {"question.q": "a"}, NOW)

    in_threads(*[begin] * 5, *map(tell, raters))
    assert told == ["kind-full"] * 3
    assert study.raters.filter(language="de").count() == 2
    assert study.raters.filter(ending=Rater.Ending.FULL).count() == 3


def test_a_study_without_quotas_writes_none() -> None:
    text = study_toml(build_study())
    assert not any(word in text for word in ("quotas", "endings", "own_team"))


def test_a_quota_counts_nobody_of_another_study() -> None:
    one, other = (
        build_study(protocol=with_quotas(RaterQuota("language", "de", 1))) for _ in range(2)
    )
    admit(one, None, GERMAN, NOW)
    assert admit(other, None, GERMAN, NOW)[1]
