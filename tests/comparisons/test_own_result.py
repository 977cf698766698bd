"""A rater's own result: agreement without checks, and a ranking only once all is public."""

from datetime import timedelta
from typing import Any

import numpy as np
import pytest

from ratings.comparisons.judgments.judging import Answer, judge, undo
from ratings.comparisons.models import Judgment, Rater, Stage, Study, Trial
from ratings.comparisons.protocol import Checks, Protocol, Screening, Training
from ratings.comparisons.trials.scheduling import issue
from ratings.comparisons.voices.own_result import Agreement, agreement, own_ranking, own_result
from tests.builders import NOW
from tests.comparisons.builders import build_filled_study, build_rater

pytestmark = pytest.mark.django_db

Choices = dict[tuple[int, int], str]  # by pair and crop: "first" or "second"


def build(own: str = "ranking", **fields: Any) -> Study:
    protocol = Protocol(
        training=Training(trials=0),
        checks=Checks(golden=0.15, repeats=0, identical=0.1),
        screening=Screening(drop_under_ms=0, drop_unflipped=False),
    )
    fields = {"methods": 3, "pictures": 2, "trials_per_rater": 20, "crop_width": 3} | fields
    return build_filled_study(protocol=protocol, voices={"own_result": own}, **fields)


def sit(study: Study, seed: int) -> tuple[Rater, Choices]:
    """Let a new rater choose by chance to the end; return what they chose in comparisons."""
    rater, rng, chosen = build_rater(study), np.random.default_rng(seed), {}
    while trials := issue(rater, 1, NOW, np.random.default_rng(seed)):
        (trial,) = trials
        choice = ("left", "right")[int(rng.integers(2))]
        judge(trial.pk, [rater.pk], Answer(choice, 5000, {}), NOW)
        if trial.kind == Trial.Kind.COMPARISON:
            assert trial.pair_id
            is_first = (choice == "left") == trial.first_left
            chosen[trial.pair_id, trial.crop_id] = "first" if is_first else "second"
    rater.refresh_from_db()
    return rater, chosen


def test_agreement_is_with_most_others_on_the_same_and_checks_are_no_part() -> None:
    study = build()
    sat = [sit(study, seed) for seed in range(8)]  # seven others are never evenly split
    rater, own = sat[0]
    alike = told = 0
    for cell, choice in own.items():
        others = [chosen[cell] for _, chosen in sat[1:] if cell in chosen]
        firsts = others.count("first")
        if 2 * firsts != len(others):
            told += 1
            alike += choice == ("first" if 2 * firsts > len(others) else "second")
    assert told == 12
    assert agreement(rater) == Agreement(round(10 * alike / told), told)


def test_a_pilots_rater_agrees_with_the_others_as_they_count() -> None:
    study = build(pilot={"raters": None})
    sat = [sit(study, seed) for seed in range(3)]
    Study.objects.filter(pk=study.pk).update(stage=Stage.PILOT)
    study.refresh_from_db()
    rater, own = sit(study, 7)
    assert rater.stage == Stage.PILOT
    alike = told = 0
    for cell, choice in own.items():
        others = [chosen[cell] for _, chosen in sat if cell in chosen]
        firsts = others.count("first")
        if 2 * firsts != len(others):
            told += 1
            alike += choice == ("first" if 2 * firsts > len(others) else "second")
    assert told >= 10
    assert agreement(rater) == Agreement(round(10 * alike / told), told)


def test_a_pilot_s_rater_is_compared_with_the_main_stage_alone() -> None:
    study = build()
    Study.objects.update(stage=Stage.PILOT, pilot={})
    study.refresh_from_db()
    rater, own = sit(study, 0)
    assert agreement(rater) is None
    Study.objects.update(stage=Stage.MAIN)
    study.refresh_from_db()
    other, others = sit(study, 1)
    assert other.stage == Stage.MAIN
    shared = [cell for cell in own if cell in others]
    alike = sum(own[cell] == others[cell] for cell in shared)
    assert agreement(rater) == Agreement(round(10 * alike / len(shared)), len(shared))


def test_taking_the_last_answer_back_teaches_nothing() -> None:
    study = build()
    for seed in range(1, 8):
        sit(study, seed)
    rater, _ = sit(study, 0)
    before = agreement(rater)
    assert before
    last = Judgment.objects.filter(trial__rater=rater).latest("pk")
    undo(last.trial_id, [rater.pk], 1, NOW)
    assert own_result(rater, NOW) is None or agreement(rater) == before
    other = "right" if last.choice == "left" else "left"
    judge(last.trial_id, [rater.pk], Answer(other, 5000, {}, 2), NOW)
    assert agreement(rater) == before


def test_nothing_is_told_before_the_end_where_nothing_is_allowed_or_of_too_little() -> None:
    study = build()
    rater = build_rater(study)
    assert own_result(rater, NOW) is None
    alone, _ = sit(study, 1)
    told = own_result(alone, NOW)
    assert told
    assert (told.agreement, told.ranking, told.ranking_later) == (None, None, True)
    silent, _ = sit(build("none"), 1)
    assert own_result(silent, NOW) is None
    half, _ = sit(build("agreement"), 1)
    modest = own_result(half, NOW)
    assert modest
    assert (modest.ranking, modest.ranking_later) == (None, False)


def test_methods_are_named_once_everybody_may_know_them() -> None:
    study = build()
    rater, own = sit(study, 3)
    phase = study.phase
    phase.boards_open_at = phase.originals_open_at = NOW
    phase.save()
    later = NOW + timedelta(hours=1)
    open_still = own_result(rater, later)
    assert open_still
    assert open_still.ranking is None  # who judges might favour what they know
    Study.objects.filter(pk=study.pk).update(is_open=False)
    rater.refresh_from_db()
    public = own_result(Rater.objects.get(pk=rater.pk), later)
    assert public
    assert public.ranking
    assert sum(row.preferred for row in public.ranking) == len(own)
    assert sum(row.compared for row in public.ranking) == 2 * len(own)
    shares = [row.preferred / row.compared for row in public.ranking]
    assert shares == sorted(shares, reverse=True)
    assert {row.method for row in public.ranking} == {"method-0", "method-1", "method-2"}
    assert own_ranking(rater) == public.ranking
