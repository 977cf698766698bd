"""Locks on rows: taken in one order, which is checked, so that no two transactions deadlock."""

from concurrent.futures import ThreadPoolExecutor
from uuid import UUID

import pytest

from ratings.comparisons import locking as locks
from ratings.comparisons.locking import Level, OutOfOrder, lock_rater, lock_study, locking
from ratings.comparisons.models import Study
from ratings.comparisons.study.study_tables import dump_study, load_studies
from ratings.jobs.submission_actions import withdraw
from tests.builders import NOW
from tests.comparisons.builders import build_filled_study, build_rater, build_study
from tests.comparisons.threads import in_threads
from tests.waiting import PATIENCE_SECONDS, await_held_up
from tests.web.builders import build_running_phase, build_scored_study

FIRST, SECOND = UUID(int=1), UUID(int=2)


@pytest.mark.parametrize(
    ("earlier", "later"),
    [
        ((Level.STUDY, 1), (Level.RATER, FIRST)),
        ((Level.PAIRS, None), (Level.STUDY, 1)),
        ((Level.CROP, 1), (Level.STUDY, 2)),
        ((Level.STUDY, 2), (Level.STUDY, 1)),
        ((Level.RATER, SECOND), (Level.RATER, FIRST)),
    ],
)
@pytest.mark.django_db
def test_a_lock_out_of_order_is_refused(
    earlier: tuple[Level, object], later: tuple[Level, object]
) -> None:
    with locking():
        locks.take(*earlier)
        locks.take(*earlier)  # what is held may be asked for again
        with pytest.raises(OutOfOrder, match=later[0].name):
            locks.take(*later)
    with locking():
        locks.take(*later)
        locks.take(*earlier)
        with locking():
            locks.take(*later)


@pytest.mark.django_db
def test_a_lock_needs_a_transaction_that_knows_the_order() -> None:
    study = build_study()
    with pytest.raises(OutOfOrder, match="STUDY is locked outside"):
        lock_study(study.pk)
    rater = build_rater(study)
    with locking():
        assert lock_rater(rater.pk) == rater
        assert lock_study(study.pk) == study
    with locking():  # nothing is held of the transaction before
        assert lock_rater(rater.pk) == rater


@pytest.mark.django_db
def test_several_studies_are_locked_in_the_order_of_their_keys() -> None:
    phase = build_filled_study(methods=0).phase
    keys = [build_study(phase).pk for _ in range(2)]
    Study.objects.filter(pk=keys[0]).update(name="Changed, so that it is stored last")
    with locking():
        locked = [study.pk for study in locks.lock_studies(phase=phase)]
    assert locked == sorted(locked)
    assert set(keys) < set(locked)


@pytest.mark.django_db(transaction=True)
def test_loading_studies_and_withdrawing_an_entry_at_once_do_not_deadlock() -> None:
    """The file has the later study first; the withdrawal goes by keys.

    Before both were locked by keys, each held the study that the other one waited for.
    """
    phase = build_running_phase()
    study = build_scored_study(phase, ("locking",) * 3)
    later = build_study(phase)
    tables = [dump_study(later), dump_study(study)]
    submission = study.entries.order_by("pk")[0].submission_id

    with ThreadPoolExecutor(2) as pool:
        with locking():
            lock_study(later.pk)
            loading = pool.submit(in_threads, lambda: load_studies(phase.challenge, tables))
            await_held_up(1)
            withdrawing = pool.submit(in_threads, lambda: withdraw(submission, NOW))
            await_held_up(2)
        loading.result(timeout=PATIENCE_SECONDS)
        withdrawing.result(timeout=PATIENCE_SECONDS)
    left = study.entries.filter(active=False).values_list("submission", flat=True)
    assert list(left) == [submission]
