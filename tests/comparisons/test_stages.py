"""Stages of a study: who belongs to which, going over, and back until somebody has answered."""

import tomllib
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from typing import Any

import numpy as np
import pytest
from django.db import transaction
from django.db.models import F

from ratings.challenge.definitions.definition import emit_table
from ratings.challenge.models import AuditEntry
from ratings.challenge.refusals import Refused
from ratings.comparisons.judgments.counter_tables import rebuild_counts
from ratings.comparisons.judgments.judging import undo
from ratings.comparisons.judgments.screening import decide
from ratings.comparisons.judgments.stage_figures import StageFigures, stage_figures
from ratings.comparisons.locking import lock_study, locking
from ratings.comparisons.models import Judgment, Pair, PairCount, Rater, Stage, Study, Trial
from ratings.comparisons.protocol import Recruiting
from ratings.comparisons.raters import recruiting
from ratings.comparisons.raters.recruiting import EntryRequest, admit
from ratings.comparisons.study.stages import go_back, go_over, is_reversible
from ratings.comparisons.study.study_tables import dump_study, load_studies
from ratings.comparisons.trials.ready_queue import top_up
from ratings.comparisons.trials.scheduling import issue
from tests.builders import NOW
from tests.comparisons.answering import send
from tests.comparisons.builders import PLAIN, build_filled_study, build_rater, build_study
from tests.comparisons.threads import in_threads
from tests.waiting import PATIENCE_SECONDS, await_held_up

PILOT, MAIN = Stage.PILOT, Stage.MAIN
RNG = np.random.default_rng(1)


def piloted(**fields: Any) -> Study:
    return build_filled_study(pilot={"raters": None}, stage=PILOT, **fields)


def issued(study: Study, rater: Rater, count: int = 4) -> list[Trial]:
    rater.refresh_from_db()
    return issue(rater, count, NOW, RNG)


def counted(study: Study) -> int:
    of = PairCount.objects.filter(pair__study=study)
    return sum(sum(row) for row in of.values_list("wins_first", "wins_second", "ties"))


def counters(study: Study) -> tuple[int, int, int]:
    """Return how many trials were issued in main and in the pilot; cells say the same as pairs."""
    pairs = Pair.objects.filter(study=study)
    cells = PairCount.objects.filter(pair__study=study)
    sums = [
        (sum(rows.values_list(name, flat=True)) for name in ("issued", "pilot_issued"))
        for rows in (pairs, cells)
    ]
    of_pairs, of_cells = (tuple(one) for one in sums)
    assert of_pairs == of_cells
    lefts = pairs.filter(issued_first_left__gt=F("issued")) | pairs.filter(
        pilot_issued_first_left__gt=F("pilot_issued")
    )
    return (*of_pairs, lefts.count())


@pytest.mark.django_db
def test_who_begins_in_the_pilot_stays_there_and_counts_nowhere() -> None:
    study = piloted()
    first = build_rater(study)
    trials = issued(study, first)
    send(trials[0])
    go_over(study, "ann", NOW)
    second = build_rater(study)
    send(trials[1])
    send(issued(study, second)[0])
    assert [rater.stage for rater in (first, second)] == [PILOT, MAIN]
    assert counted(study) == 1 and counters(study) == (4, 4, 0)
    undo(trials[1].pk, [first.pk], 1, NOW)
    for state in ("not_used", "used"):
        decide(first, state, "By hand.", now=NOW)
    assert counted(study) == 1 and rebuild_counts(study, repair=False) == []
    study.refresh_from_db()
    assert study.changes == 0  # nothing that is ranked has changed
    assert stage_figures(study, PILOT) == StageFigures(1, 0, 0, 0, judgments=1)
    assert stage_figures(study, MAIN) == StageFigures(1, 0, 0, 0, judgments=1)


@pytest.mark.django_db
def test_a_pilot_shows_each_rater_new_pairs_and_balances_its_own() -> None:
    study = piloted(methods=4, pictures=2)
    for _ in range(3):
        trials = issued(study, build_rater(study), 12)
        assert len({(trial.pair_id, trial.crop_id) for trial in trials}) == 12
    assert set(Pair.objects.values_list("issued", "pilot_issued")) == {(0, 6)}
    lefts = Pair.objects.values_list("pilot_issued_first_left", flat=True)
    assert all(abs(2 * left - 6) <= 2 for left in lefts)


@pytest.mark.django_db
def test_a_plan_of_pairs_is_not_used_up_by_the_pilot() -> None:
    study = piloted(pairing="swiss")
    rater = build_rater(study)
    send(issued(study, rater, 1)[0])
    go_over(study, "ann", NOW)
    study.refresh_from_db()
    ready = top_up(study, NOW, RNG)
    issued(study, rater, 3)
    assert ready == top_up(study, NOW, RNG) > 0
    assert counters(study)[:2] == (0, 4)


@pytest.mark.django_db
def test_going_over_and_back_is_on_record_until_somebody_has_answered() -> None:
    study = piloted()
    with pytest.raises(Refused, match="in its pilot already"):
        go_back(study, "ann", NOW)
    go_over(study, "ann", NOW)
    with pytest.raises(Refused, match="in its main stage already"):
        go_over(study, "ann", NOW)
    rater = build_rater(study)
    trials = issued(study, rater)
    assert is_reversible(study) and counters(study) == (4, 0, 0)
    go_back(study, "bob", NOW)
    assert counters(study) == (0, 4, 0)
    send(trials[0])
    assert counted(study) == 0 and stage_figures(study, PILOT).judgments == 1
    go_over(study, "ann", NOW)
    send(issued(study, build_rater(study))[0])
    assert not is_reversible(study)
    with pytest.raises(Refused, match="pause the study and make another one"):
        go_back(study, "ann", NOW)
    study.refresh_from_db()
    assert study.stage == MAIN and counted(study) == 1
    acts = AuditEntry.objects.order_by("pk").values_list("by", "kind", "subject")
    assert list(acts) == [
        ("ann", "main", study.name),
        ("bob", "pilot", study.name),
        ("ann", "main", study.name),
    ]


@pytest.mark.django_db
def test_a_study_without_a_pilot_has_one_stage() -> None:
    study = build_filled_study()
    for act in (go_over, go_back):
        with pytest.raises(Refused, match="has no pilot"):
            act(study, "ann", NOW)
    assert not is_reversible(study) and not AuditEntry.objects.exists()


@pytest.mark.django_db
def test_a_pilot_with_the_raters_it_wants_lets_them_finish_and_takes_no_others() -> None:
    protocol = replace(PLAIN, recruiting=Recruiting(most_raters=3))
    study = piloted(protocol=protocol)
    Study.objects.filter(pk=study.pk).update(pilot={"raters": 2})
    study.refresh_from_db()
    first, _ = admit(study, None, EntryRequest(), NOW)
    admit(study, None, EntryRequest(), NOW)
    with pytest.raises(Refused) as refused:
        admit(study, None, EntryRequest(), NOW)
    assert refused.value.code == "study-paused"
    assert recruiting.precheck(study, EntryRequest(), NOW) == "study-paused"
    assert admit(study, first, EntryRequest(), NOW) == (first, False)
    assert len(issued(study, first, 2)) == 2
    go_over(study, "ann", NOW)
    # The limit of the study is the main stage's own.
    for _ in range(3):
        admit(study, None, EntryRequest(), NOW)
    with pytest.raises(Refused) as refused:
        admit(study, None, EntryRequest(), NOW)
    assert refused.value.code == "quota-reached"


@pytest.mark.django_db
def test_the_definition_begins_a_pilot_and_lets_no_rater_fall_out_of_it() -> None:
    study = build_study()
    table = dump_study(study)
    assert "pilot" not in table
    challenge = study.phase.challenge
    (study,) = load_studies(challenge, [table | {"pilot": {}}])
    assert (study.stage, dump_study(study)["pilot"]) == (PILOT, {})
    # Nor does it fall out of the file that the site writes.
    written = emit_table("study", dump_study(study))
    assert tomllib.loads("\n".join(written))["study"][0]["pilot"] == {}
    (study,) = load_studies(challenge, [table | {"pilot": {"raters": 12}}])
    assert (study.stage, dump_study(study)["pilot"]) == (PILOT, {"raters": 12})
    (study,) = load_studies(challenge, [table])
    assert study.stage == MAIN
    (study,) = load_studies(challenge, [table | {"pilot": {}}])
    build_rater(study)
    with pytest.raises(Refused, match="raters have begun in it, so it stays on record"):
        load_studies(challenge, [table])
    go_over(study, "ann", NOW)
    (study,) = load_studies(challenge, [table | {"pilot": {"raters": 1}, "name": "Other"}])
    assert (study.stage, study.pilot) == (MAIN, {"raters": 1})
    with pytest.raises(Refused, match="pilot: raters: "):
        load_studies(challenge, [table | {"pilot": {"raters": 0}}])


@pytest.mark.django_db
def test_it_is_too_late_for_a_pilot_once_raters_have_begun() -> None:
    study = build_study()
    build_rater(study)
    with pytest.raises(Refused, match="too late for a pilot"):
        load_studies(study.phase.challenge, [dump_study(study) | {"pilot": {}}])


@pytest.mark.django_db
def test_what_a_pilot_teaches_may_change_how_trials_look() -> None:
    study = piloted()
    send(issued(study, build_rater(study))[0])
    table = dump_study(study) | {"ties_allowed": True}
    (study,) = load_studies(study.phase.challenge, [table])
    assert study.ties_allowed
    go_over(study, "ann", NOW)
    issued(study, build_rater(study))
    with pytest.raises(Refused, match="ties_allowed: trials were issued"):
        load_studies(study.phase.challenge, [table | {"ties_allowed": False}])


@pytest.mark.django_db(transaction=True)
def test_an_answer_that_waits_for_going_back_is_the_pilots() -> None:
    study = piloted()
    go_over(study, "ann", NOW)
    (trial,) = issued(study, build_rater(study), 1)
    with ThreadPoolExecutor(2) as pool:
        with locking():
            lock_study(study.pk)
            back = pool.submit(in_threads, lambda: go_back(study, "ann", NOW))
            await_held_up(1)  # it holds the rater
            answer = pool.submit(in_threads, lambda: send(trial))
            await_held_up(2)
        back.result(timeout=PATIENCE_SECONDS)
        answer.result(timeout=PATIENCE_SECONDS)
    assert Rater.objects.get().stage == PILOT and counted(study) == 0
    assert Judgment.objects.count() == 1 and counters(study) == (0, 1, 0)


@pytest.mark.django_db(transaction=True)
def test_going_back_waits_for_an_answer_and_is_refused_then() -> None:
    study = piloted()
    go_over(study, "ann", NOW)
    (trial,) = issued(study, build_rater(study), 1)
    with ThreadPoolExecutor(2) as pool:
        with transaction.atomic():
            PairCount.objects.select_for_update().get(pair=trial.pair, crop=trial.crop)
            answer = pool.submit(in_threads, lambda: send(trial))
            await_held_up(1)  # it shares the rater
            back = pool.submit(in_threads, lambda: go_back(study, "ann", NOW))
            await_held_up(2)
        answer.result(timeout=PATIENCE_SECONDS)
        with pytest.raises(Refused, match="Somebody has answered"):
            back.result(timeout=PATIENCE_SECONDS)
    study.refresh_from_db()
    assert (study.stage, counted(study), counters(study)) == (MAIN, 1, (1, 0, 0))


@pytest.mark.django_db(transaction=True)
@pytest.mark.parametrize("newcomer_first", [True, False])
def test_who_begins_while_the_study_goes_back_is_a_rater_of_the_pilot(newcomer_first: bool) -> None:
    study = piloted()
    go_over(study, "ann", NOW)
    acts: list[Callable[[], object]] = [
        lambda: build_rater(study),
        lambda: go_back(study, "ann", NOW),
    ]
    with ThreadPoolExecutor(2) as pool:
        with locking():
            lock_study(study.pk)
            under_way = []
            for number, act in enumerate(acts if newcomer_first else acts[::-1], 1):
                under_way.append(pool.submit(in_threads, act))
                await_held_up(number)
        for one in under_way:
            one.result(timeout=PATIENCE_SECONDS)
    study.refresh_from_db()
    assert study.stage == Rater.objects.get().stage == PILOT
