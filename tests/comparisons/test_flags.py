"""Flags on trials: skipped and replaced by their kind, kept once; enough of them pause a crop."""

from collections import Counter
from datetime import timedelta
from typing import Any

import numpy as np
import pytest
from django.contrib.auth.models import User

from ratings.challenge.refusals import Refused
from ratings.comparisons.judgments.judging import Answer, JudgmentOutcome, judge
from ratings.comparisons.judgments.screening import decide
from ratings.comparisons.models import Crop, Rater, Study, Trial, TrialFlag
from ratings.comparisons.protocol import Checks, Protocol, Screening, Training
from ratings.comparisons.session_plan import plan_of
from ratings.comparisons.trials.scheduling import issue
from ratings.comparisons.trials.session_progress import (
    State,
    progress_of_rater,
    progress_of_raters,
)
from ratings.comparisons.voices.flagged_crops import (
    dismiss,
    flagged_crops,
    flaggers,
    pause_crop,
    paused_crops,
)
from ratings.comparisons.voices.flagging import MOST_FLAGS, Said, flag
from ratings.outbox.models import Event
from tests.builders import NOW
from tests.comparisons.builders import build_filled_study, build_rater

pytestmark = pytest.mark.django_db

Kind = Trial.Kind
EASY = Screening(drop_under_ms=0, drop_unflipped=False)
WRONG = Said("missing", "A is grey", NOW)


def build_checked(*, training: int = 0, **fields: Any) -> Study:
    """Save a study of 96 comparisons with all kinds of checks, of 24 trials each."""
    protocol = Protocol(
        training=Training(trials=training, right=training),
        checks=Checks(golden=0.15, repeats=0.1, identical=0.1, repeat_gap=5),
        screening=EASY,
    )
    fields = {"methods": 4, "pictures": 8, "trials_per_rater": 24, "crop_width": 3} | fields
    return build_filled_study(protocol=protocol, **fields)


def raise_flag(trial: Trial, said: Said = WRONG) -> bool:
    return flag(trial.pk, [trial.rater_id], said)


def answer(trial: Trial, attempt: int = 1) -> None:
    choice = "left" if trial.first_left else "right"
    stored = judge(trial.pk, [trial.rater_id], Answer(choice, 5000, {}, attempt), NOW)
    assert stored.outcome is JudgmentOutcome.STORED


def sit(rater: Rater, *flagged: int, count: int = 3) -> list[Trial]:
    """Let a rater go on to the end, who flags the trials of some numbers; return all trials."""
    rng = np.random.default_rng(5)
    seen: list[Trial] = []
    while trials := issue(rater, count, NOW + timedelta(seconds=len(seen)), rng):
        trial = trials[0]
        seen.append(trial)
        if trial.number in flagged:
            raise_flag(trial, Said("other", "", NOW + timedelta(seconds=len(seen))))
        else:
            answer(trial)
    return seen


def test_a_flagged_trial_is_replaced_by_one_of_its_kind_whatever_it_is() -> None:
    """Whoever flags the checks gets as many others: none is dodged."""
    study = build_checked()
    rater = build_rater(study)
    planned = plan_of(rater)
    checks = [number for number, kind in enumerate(planned, 1) if kind is not Kind.COMPARISON]
    assert {planned[number - 1] for number in checks} == {
        Kind.GOLDEN,
        Kind.REPEAT,
        Kind.IDENTICAL,
    }
    wrong = {*checks, 2, 9}
    seen = sit(rater, *wrong)
    flagged = [trial for trial in seen if trial.number in wrong]
    others = seen[len(planned) :]
    assert [trial.kind for trial in others] == [trial.kind for trial in flagged]
    answered = Counter(t.kind for t in seen if not TrialFlag.objects.filter(trial=t).exists())
    assert answered == Counter(kind.value for kind in planned)
    rater.refresh_from_db()
    progress = progress_of_rater(rater)
    assert (progress.state, progress.judged) == (State.DONE, study.trials_per_rater)
    assert TrialFlag.objects.count() == len(wrong)


def test_progress_grows_by_what_was_flagged_and_is_the_same_however_it_is_asked() -> None:
    study = build_checked()
    rater = build_rater(study)
    first, second, third = issue(rater, 3, NOW, np.random.default_rng(1))
    raise_flag(first)
    raise_flag(second)
    answer(third)
    alone = progress_of_rater(rater)
    assert (alone.judged, alone.total) == (1, 26)
    assert progress_of_raters(study, [rater])[rater.pk] == alone
    assert first not in issue(rater, 10, NOW, np.random.default_rng(1))


def test_a_flagged_practice_trial_is_no_way_around_the_practice() -> None:
    study = build_checked(training=3)
    rater = build_rater(study)
    rng = np.random.default_rng(1)
    one, two, three = issue(rater, 3, NOW, rng)
    raise_flag(two)
    answer(one)
    answer(three)
    assert progress_of_rater(rater).state is State.TRAINING
    (again,) = issue(rater, 3, NOW, rng)
    assert (again.kind, again.level) == (Kind.TRAINING, two.level)
    answer(again)
    assert progress_of_rater(rater).state is State.JUDGING


def test_a_flag_is_kept_once_and_an_answer_beside_it_stands() -> None:
    rater = build_rater(build_checked())
    (trial,) = issue(rater, 1, NOW, np.random.default_rng(1))
    assert raise_flag(trial)
    assert not raise_flag(trial, Said("other", "once more", NOW))
    assert TrialFlag.objects.get().text == "A is grey"
    answer(trial)  # in another window, which had it too
    progress = progress_of_rater(rater)
    assert (progress.judged, progress.total) == (1, 24)


def test_no_trial_of_another_is_flagged_and_not_all_of_ones_own() -> None:
    study = build_checked(trials_per_rater=40)
    rater, other = build_rater(study), build_rater(study)
    rng = np.random.default_rng(1)
    trials = [issue(rater, 10, NOW, rng)[0] for _ in range(1)]
    with pytest.raises(Refused) as refused:
        flag(trials[0].pk, [other.pk], WRONG)
    assert refused.value.code == "unknown-trial"
    for _ in range(MOST_FLAGS):
        raise_flag(issue(rater, 1, NOW, rng)[0])
    (last,) = issue(rater, 1, NOW, rng)
    with pytest.raises(Refused, match="20 trials are flagged already") as refused:
        raise_flag(last)
    assert refused.value.code == "too-many-flags"
    assert [trial.pk for trial in issue(rater, 1, NOW, rng)] == [last.pk]


def shown_to(study: Study, crop: Crop) -> Trial:
    """Issue a comparison of a crop to a new rater."""
    rater = build_rater(study)
    rng = np.random.default_rng(int(rater.pk.int % 2**32))
    for trial in issue(rater, 24, NOW, rng):
        if trial.crop_id == crop.pk and trial.kind == Kind.COMPARISON:
            return trial
    raise AssertionError("no comparison of it came")


@pytest.fixture
def plain() -> Study:
    """Return a study of 12 comparisons on 2 pictures, each of which every rater sees."""
    return build_filled_study(methods=3, pictures=2, crops_per_picture=1, trials_per_rater=24)


def test_enough_raters_pause_a_crop_and_nothing_of_it_is_issued_any_more(plain: Study) -> None:
    crop = plain.crops.order_by("pk").first()
    assert crop is not None
    trials = [shown_to(plain, crop) for _ in range(3)]
    raise_flag(trials[0])
    own = Trial.objects.filter(rater=trials[0].rater, crop=crop).exclude(pk=trials[0].pk)
    for trial in own:
        raise_flag(trial)  # one rater, however often, is one
    raise_flag(trials[1])
    crop.refresh_from_db()
    assert crop.paused_at is None and not Event.objects.exists()
    raise_flag(trials[2])
    crop.refresh_from_db()
    assert crop.paused_at == NOW
    assert Event.objects.get().kind == Event.Kind.NEEDED
    new = build_rater(plain)
    seen = issue(new, 24, NOW, np.random.default_rng(3))
    assert seen
    assert crop.pk not in {trial.crop_id for trial in seen}
    for trial in seen:
        answer(trial)
    assert issue(new, 1, NOW, np.random.default_rng(3)) == []
    new.refresh_from_db()
    assert progress_of_rater(new).state is State.DONE
    answer(next(t for t in own.all() if not t.judgments.exists()))  # what was issued is still taken
    assert paused_crops([plain]) == {plain.pk: 1}


def test_the_file_says_how_many_and_who_is_not_used_does_not_count(plain: Study) -> None:
    plain.voices = {"pause_after": 2}
    plain.save()
    crop = plain.crops.order_by("pk").last()
    assert crop is not None
    one, two, three = (shown_to(plain, crop) for _ in range(3))
    raise_flag(one)
    decide(one.rater, Rater.State.REJECTED, "clicks through", now=NOW)
    raise_flag(two)
    crop.refresh_from_db()
    assert crop.paused_at is None
    raise_flag(three)
    crop.refresh_from_db()
    assert crop.paused_at is not None


def test_flags_on_checks_pause_nothing() -> None:
    """Pictures that are the same, or damaged, are so on purpose there; organizers see who flags."""
    study = build_checked(voices={"pause_after": 1})
    rater = build_rater(study)
    checks = [
        n for n, kind in enumerate(plan_of(rater), 1) if kind in (Kind.GOLDEN, Kind.IDENTICAL)
    ]
    sit(rater, *checks)
    assert not Crop.objects.exclude(paused_at=None).exists()
    (found,) = flaggers(study)
    assert (found.rater, found.flags, found.checks) == (rater, len(checks), len(checks))


def test_an_organizer_dismisses_flags_or_pauses(plain: Study) -> None:
    plain.voices = {"pause_after": 2}
    plain.save()
    boss = User.objects.create_user("boss")
    crop = plain.crops.order_by("pk").first()
    assert crop is not None
    one, two, three = (shown_to(plain, crop) for _ in range(3))
    raise_flag(one)
    raise_flag(two)
    (found,) = flagged_crops(plain)
    assert (found.crop, found.raters, found.is_open) == (crop, 2, True)
    assert [flag.trial for flag in found.flags] == [one, two]
    dismiss(crop, boss, NOW)
    (found,) = flagged_crops(plain)
    assert (found.crop.paused_at, found.raters, found.is_open) == (None, 0, False)
    assert {flag.dismissed_by for flag in found.flags} == {boss}
    raise_flag(three)  # what was dismissed does not count again
    crop.refresh_from_db()
    assert crop.paused_at is None
    pause_crop(crop, boss, NOW)
    (found,) = flagged_crops(plain)
    assert (found.crop.paused_at, found.crop.paused_by) == (NOW, boss)
