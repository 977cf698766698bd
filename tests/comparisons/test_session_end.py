"""Whose session ends early: who is not used, where the study ends that."""

from dataclasses import replace
from typing import Any

import numpy as np
import pytest
from django.utils import timezone

from ratings.challenge.refusals import Refused
from ratings.comparisons.judgments.judging import Answer, JudgmentOutcome, judge
from ratings.comparisons.judgments.screening import decide
from ratings.comparisons.models import Pair, Rater, Recruit, Study, Trial
from ratings.comparisons.protocol import After, Protocol, Screening
from ratings.comparisons.raters.recruiting import EntryRequest, Participant, admit
from ratings.comparisons.trials.completion_codes import completion, personal_code
from ratings.comparisons.trials.scheduling import issue
from ratings.comparisons.trials.session_end import finish_session
from ratings.comparisons.trials.session_progress import State, progress_of_rater
from tests.builders import NOW
from tests.comparisons.builders import PLAIN, build_filled_study, build_rater
from tests.comparisons.recruits import PROLIFIC, recruiting

pytestmark = pytest.mark.django_db
States = Rater.State


def build(after: After = After.END, **fields: Any) -> Study:
    protocol = fields.pop("protocol", PLAIN)
    assert isinstance(protocol, Protocol)
    rule = Screening(drop_under_ms=0, drop_unflipped=False, after=after)
    return build_filled_study(
        protocol=replace(protocol, screening=rule), trials_per_rater=6, **fields
    )


def next_trials(rater: Rater, count: int = 2) -> list[Trial]:
    rater.refresh_from_db()
    return issue(rater, count, NOW, np.random.default_rng(1))


def answer(trial: Trial) -> JudgmentOutcome:
    return judge(trial.pk, [trial.rater_id], Answer("left", 4000, {}), NOW).outcome


def issued(study: Study) -> int:
    return sum(Pair.objects.filter(study=study).values_list("issued", flat=True))


def state(rater: Rater) -> State:
    return progress_of_rater(Rater.objects.select_related("study").get(pk=rater.pk)).state


@pytest.mark.parametrize("decision", [States.NOT_USED, States.REJECTED])
def test_who_is_not_used_gets_no_more_trials(decision: str) -> None:
    study = build()
    rater = build_rater(study)
    first, second = next_trials(rater)
    answer(first)
    decide(rater, decision, "Clicked through.", now=NOW)
    assert next_trials(rater) == [] and issued(study) == 2
    assert state(rater) is State.ENDED
    assert answer(second) is JudgmentOutcome.STORED  # the page had it already
    assert next_trials(rater) == [] and issued(study) == 2


@pytest.mark.parametrize("decision", [States.NOT_USED, States.REJECTED])
def test_a_study_may_let_them_go_on(decision: str) -> None:
    study = build(After.GO_ON)
    rater = build_rater(study)
    decide(rater, decision, "Clicked through.", now=NOW)
    while trials := next_trials(rater):
        list(map(answer, trials))
    assert (issued(study), state(rater)) == (6, State.DONE)


def test_who_is_used_again_goes_on() -> None:
    rater = build_rater(build())
    decide(rater, States.NOT_USED, "Too fast.", now=NOW)
    assert finish_session(Rater.objects.get(pk=rater.pk), NOW).state is State.ENDED
    decide(rater, States.USED, "They wrote to us.", now=NOW)
    assert len(next_trials(rater)) == 2 and state(rater) is State.JUDGING


@pytest.mark.parametrize("decision", [States.NOT_USED, States.REJECTED])
def test_who_was_done_stays_done(decision: str) -> None:
    rater = build_rater(build())
    while trials := next_trials(rater):
        list(map(answer, trials))
    decide(rater, decision, "Looked at later.", now=NOW)
    assert state(rater) is State.DONE


def test_the_code_is_that_of_the_state() -> None:
    study = build(protocol=recruiting(platforms=(PROLIFIC,)))
    rater = build_rater(study)
    Recruit.objects.create(rater=rater, study=study, platform="prolific", participant="p")
    for decision, code in ((States.NOT_USED, "C1"), (States.REJECTED, "S1")):
        decide(rater, decision, "Clicked through.", now=NOW)
        completed = completion(rater, State.ENDED)
        assert completed and completed.code == code and completed.url and code in completed.url
    decide(rater, States.USED, "It was the other one.", now=NOW)
    assert completion(rater, state(rater)) is None


def test_without_a_platform_the_code_is_personal() -> None:
    rater = build_rater(build())
    decide(rater, States.REJECTED, "Clicked through.", now=NOW)
    completed = completion(rater, state(rater))
    assert completed and (completed.code, completed.url) == (personal_code(rater), None)


def test_their_place_is_free_and_they_do_not_begin_anew() -> None:
    protocol = recruiting(platforms=(PROLIFIC,), most_raters=1, one_session=False)
    study, now = build(protocol=protocol), timezone.now()
    first = EntryRequest(participant=Participant("prolific", "first"))
    rater, _ = admit(study, None, first, now)
    with pytest.raises(Refused):
        admit(study, None, EntryRequest(participant=Participant("prolific", "second")), now)
    decide(rater, States.REJECTED, "Clicked through.", now=now)
    assert admit(study, None, first, now) == (rater, False)
    assert admit(study, None, EntryRequest(participant=Participant("prolific", "second")), now)[1]


def test_an_older_definition_ends_too() -> None:
    older = {"screening": {"quality": 1.0, "least_checks": 2}}
    rule = Protocol.from_json(older).screening
    assert (rule.after, rule.early) == (After.END, 0.1)
    kept = Protocol.from_json(Protocol(screening=Screening(after=After.GO_ON)).as_json())
    assert kept.screening.after is After.GO_ON
