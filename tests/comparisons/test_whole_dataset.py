"""Taking pictures into a data set: whole, with budgets and studies, or refused with reasons."""

import threading
from decimal import Decimal
from typing import Any

import pytest
from django.db import connection, transaction

from ratings.challenge.models import Dataset, Original, Phase, StagedFile
from ratings.challenge.pictures.staged_files import overview, stage
from ratings.challenge.refusals import Refused
from ratings.comparisons.study.whole_dataset import drop_picture, take_in
from ratings.imaging.pixels import encode_png
from ratings.storage import content_store
from tests.builders import (
    NOW,
    build_challenge,
    build_dataset,
    build_original,
    build_phase,
    build_rgb,
    build_submission,
)
from tests.comparisons.builders import build_study
from tests.waiting import await_one_held_up

pytestmark = pytest.mark.django_db


def send(dataset: Dataset, name: str, **size: int) -> None:
    stage(dataset, name, [encode_png(build_rgb(**size))], NOW, by="ann")


def names(dataset: Dataset) -> list[str]:
    return list(dataset.originals.order_by("name").values_list("name", flat=True))


def refusal(act: Any, *args: Any, **fields: Any) -> Refused:  # noqa: ANN401
    """Return why it is refused; nothing has changed then."""
    before = list(Original.objects.values()), list(StagedFile.objects.values())
    with pytest.raises(Refused) as caught:
        act(*args, **fields)
    assert (list(Original.objects.values()), list(StagedFile.objects.values())) == before
    return caught.value


@pytest.fixture
def phase() -> Phase:
    return build_phase(max_bpp=Decimal("0.5"))


@pytest.fixture
def dataset(phase: Phase) -> Dataset:
    return phase.datasets.get()


def test_new_ones_come_and_those_of_the_name_are_replaced(phase: Phase, dataset: Dataset) -> None:
    other = build_phase(phase.challenge, max_bpp=Decimal(1))
    before = Original.objects.get(dataset=dataset, name="a.png")
    send(dataset, "a.png", width=80, height=60)
    send(dataset, "c d.PNG", width=16, height=4)
    stage(dataset, "e.png", [b"no picture"], NOW, by="ann")
    assert take_in(dataset) == [
        "1 picture new: c-d.png",
        "1 picture changed: a.png",
    ]
    assert names(dataset) == ["a.png", "b.png", "c-d.png"]
    assert Original.objects.get(pk=before.pk).width == 80
    phase.refresh_from_db()
    assert phase.byte_budget == (80 * 60 + 8 * 6 + 16 * 4) // 16
    other.refresh_from_db()
    assert other.byte_budget is None  # its pictures are others
    assert [row.name for row in StagedFile.objects.all()] == ["e.png"]


def test_a_version_of_the_definition_is_kept(dataset: Dataset) -> None:
    send(dataset, "c.png")
    take_in(dataset, by="ann")
    drop_picture(dataset, "a.png", by="bob")
    newest, before, *_ = dataset.challenge.versions.all()
    assert (newest.by, newest.changes) == (
        "bob",
        [f"[[dataset]] {dataset.slug}: 1 picture dropped: a.png"],
    )
    assert (before.by, before.changes) == (
        "ann",
        [f"[[dataset]] {dataset.slug}: 1 picture new: c.png"],
    )


def test_all_others_go_where_that_is_wanted(dataset: Dataset) -> None:
    send(dataset, "b.png")
    assert take_in(dataset, drop_others=True) == [
        "1 picture dropped: a.png",
        "1 picture changed: b.png",
    ]
    assert names(dataset) == ["b.png"]


def test_nothing_staged_or_something_else_than_was_seen_is_refused(dataset: Dataset) -> None:
    stage(dataset, "e.png", [b"no picture"], NOW, by="ann")
    refused = refusal(take_in, dataset)
    assert (refused.code, refused.problems) == (
        "staged",
        ["Nothing is staged that could be taken in; send pictures."],
    )
    seen = overview(dataset).digest
    send(dataset, "c.png")
    assert "changed meanwhile" in refusal(take_in, dataset, digest=seen).problems[0]
    take_in(dataset, digest=overview(dataset).digest)
    assert "c.png" in names(dataset)


def test_pictures_that_submissions_rest_on_are_fixed(phase: Phase, dataset: Dataset) -> None:
    build_submission(phase)
    send(dataset, "a.png", width=9)
    send(dataset, "c.png")
    refused = refusal(take_in, dataset)
    fixed = f"{dataset.slug}/a.png, {dataset.slug}/c.png"
    assert (refused.code, refused.problems) == (
        "in-use",
        [
            f"[[phase]] {phase.slug}: it has 1 submission, so its pictures are fixed; leave as "
            f"they are: {fixed}."
        ],
    )
    assert refusal(drop_picture, dataset, "b.png").code == "in-use"
    StagedFile.objects.all().delete()
    for original in dataset.originals.all():  # the very same again is no change
        stage(dataset, original.name, [content_store.load(original.sha256)], NOW, by="ann")
    assert take_in(dataset) == []


def test_a_name_stands_only_once_in_a_phase(phase: Phase, dataset: Dataset) -> None:
    second = build_dataset(phase.challenge)
    phase.datasets.add(second)
    send(second, "a.png")
    refused = refusal(take_in, second)
    assert (refused.code, refused.problems) == (
        "originals",
        [
            f"[[phase]] {phase.slug}: datasets: a.png is in 2 of its data sets; rename it in all "
            "but one."
        ],
    )


def test_studies_keep_the_pictures_and_crops_that_they_name(phase: Phase, dataset: Dataset) -> None:
    picture = f"{dataset.slug}/a.png"
    build_study(
        phase,
        slug="s",
        pictures=[picture],
        placed_crops=[{"picture": picture, "x": 3, "y": 0}],
        crop_width=4,
        crop_height=4,
    )
    send(dataset, "a.png", width=5)
    (problem,) = refusal(take_in, dataset).problems
    assert problem.startswith(f"[[study]] s: crops: '{picture}': a crop at 3, 0 leaves the picture")
    StagedFile.objects.all().delete()
    send(dataset, "b.png")
    refused = refusal(take_in, dataset, drop_others=True)
    assert refused.code == "originals" and "the data set has no such picture" in refused.problems[0]
    assert refusal(drop_picture, dataset, "a.png").code == "originals"


def test_a_picture_that_nothing_rests_on_is_dropped(phase: Phase, dataset: Dataset) -> None:
    assert drop_picture(dataset, "a.png") == ["1 picture dropped: a.png"]
    phase.refresh_from_db()
    assert phase.byte_budget == 8 * 6 // 16
    assert refusal(drop_picture, dataset, "a.png").code == "unknown-picture"
    # Without pictures there is nothing to take a budget in bits per pixel of.
    drop_picture(dataset, "b.png")
    phase.refresh_from_db()
    assert phase.byte_budget is None


@pytest.mark.django_db(transaction=True)
def test_of_two_who_take_in_the_same_one_hears_why() -> None:
    dataset = build_dataset(build_challenge())
    build_original(dataset, name="a.png")
    send(dataset, "b.png")
    seen, heard = overview(dataset).digest, []

    def take() -> None:
        try:
            heard.append(take_in(dataset, digest=seen))
        except Refused as refused:
            heard.append(refused.problems)
        finally:
            connection.close()

    threads = [threading.Thread(target=take) for _ in range(2)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    won, lost = sorted(heard)
    assert won == ["1 picture new: b.png"]
    assert "another organizer may have taken them in" in lost[0]
    assert names(dataset) == ["a.png", "b.png"]


@pytest.mark.django_db(transaction=True)
def test_no_submission_begins_while_pictures_change() -> None:
    """Whoever takes pictures in holds the phase; who began before is found, and refuses it."""
    phase = build_phase()
    dataset = phase.datasets.get()
    send(dataset, "c.png")
    begun = threading.Event()

    def begin() -> None:
        build_submission(phase)
        begun.set()
        connection.close()

    thread = threading.Thread(target=begin)
    with transaction.atomic():
        take_in(dataset)
        thread.start()
        await_one_held_up()
        assert not begun.is_set()
    thread.join()
    assert begun.is_set()
