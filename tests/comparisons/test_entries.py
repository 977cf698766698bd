"""Entries: one label each, and all pairs among the active ones."""

from concurrent.futures import ThreadPoolExecutor

import pytest
from django.db import connection

from ratings.comparisons.models import Pair, PairCount
from ratings.comparisons.study.entries import enter_submission, set_active
from tests.builders import build_phase, build_submission, build_team
from tests.comparisons.builders import build_entry, build_filled_study, build_study

pytestmark = pytest.mark.django_db


def test_labels_name_the_method_then_the_team_then_a_number() -> None:
    study = build_study()
    team = build_team(study.phase.challenge, name="Owls")
    submissions = [build_submission(study.phase, team, method="BPG") for _ in range(4)]
    labels = [enter_submission(study, submission).label for submission in submissions]
    assert labels == ["BPG", "BPG (Owls)", "BPG (Owls) #2", "BPG (Owls) #3"]
    assert enter_submission(study, submissions[1]).label == "BPG (Owls)"
    assert not study.entries.filter(active=True).exists()


@pytest.mark.django_db(transaction=True)
def test_entering_at_once_gives_each_its_label() -> None:
    study = build_study()
    team = build_team(study.phase.challenge)
    submissions = [build_submission(study.phase, team) for _ in range(4)] * 2

    def work(number: int) -> str:
        try:
            return enter_submission(study, submissions[number]).label
        finally:
            connection.close()

    with ThreadPoolExecutor(8) as pool:
        labels = list(pool.map(work, range(8)))
    assert len(set(labels)) == 4
    assert labels[:4] == labels[4:]


def test_active_entries_make_all_pairs_on_all_crops() -> None:
    study = build_filled_study(methods=4)
    pairs = Pair.objects.filter(study=study)
    assert pairs.count() == 6
    assert all(pair.first_id < pair.second_id for pair in pairs)
    assert PairCount.objects.count() == 6 * study.crops.count()
    set_active(study, [entry.submission for entry in study.entries.all()])
    assert PairCount.objects.count() == 6 * study.crops.count()


def test_a_replaced_entry_keeps_its_pairs_and_gets_no_new_ones() -> None:
    study = build_filled_study(methods=2)
    old, kept = study.entries.order_by("pk")
    new = build_entry(study, team=old.submission.team, method="better")
    set_active(study, [kept.submission, new.submission])
    assert set(study.entries.filter(active=True)) == {kept, new}
    pairs = set(Pair.objects.values_list("first", "second"))
    assert pairs == {(old.pk, kept.pk), (kept.pk, new.pk)}


def test_entries_without_a_common_crop_make_no_pair() -> None:
    study = build_study(build_phase(names=["a.png"]))
    entries = [build_entry(study, method=f"{n}") for n in range(2)]
    entries[1].crop_versions.all().delete()
    set_active(study, [entry.submission for entry in entries])
    assert not Pair.objects.exists()
