"""Crops that are made already: moved where nobody has seen them, cut anew, and else refused."""

from typing import Any

import numpy as np
import pytest
from django.db.models import Count

from ratings.challenge.models import Original
from ratings.challenge.refusals import Refused
from ratings.comparisons.models import Crop, CropVersion, PairCount, Study, Trial
from ratings.comparisons.study.crop_mending import make_lacking
from ratings.comparisons.study.cropping import box_of, boxes, place
from ratings.comparisons.study.entries import set_active
from ratings.comparisons.study.moving_crops import move_crops
from ratings.comparisons.study.study_tables import dump_study, load_studies
from ratings.comparisons.trials.scheduling import issue
from ratings.imaging.crops import Box
from tests.builders import (
    NOW,
    build_dataset,
    build_decoded_image,
    build_original,
    build_phase,
    build_rgb,
)
from tests.comparisons.builders import build_entry, build_rater, build_study, distort

pytestmark = pytest.mark.django_db
SIDE = 12


@pytest.fixture
def study() -> Study:
    """Save a study of P/a.png and P/b.png, 60 x 40 pixels, two crops each, with two entries."""
    phase = build_phase(names=[])
    dataset = build_dataset(phase.challenge, slug="P")
    phase.datasets.set([dataset])
    for number, name in enumerate(("a.png", "b.png")):
        build_original(dataset, build_rgb(width=60, height=40, seed=number), name=name)
    study = build_study(phase, crop_width=SIDE, crop_height=SIDE)
    for noise in (10, 20):
        entry = build_entry(study, noise=noise, method=f"m{noise}")
        for original in phase.originals():
            build_decoded_image(entry.submission, original, distort(original, noise))
    settle(study)
    return study


def settle(study: Study) -> None:
    """Do what the job does that is queued when a study is loaded."""
    submissions = [entry.submission for entry in study.entries.select_related("submission")]
    make_lacking(study, submissions)
    set_active(study, submissions)


def pause(study: Study) -> None:
    Study.objects.filter(pk=study.pk).update(paused_at=NOW)


def load(study: Study, *crops: tuple[str, int, int]) -> Study:
    placed = [{"picture": name, "x": x, "y": y} for name, x, y in crops]
    table = dump_study(Study.objects.get(pk=study.pk)) | {"crops": placed}
    return load_studies(study.phase.challenge, [table])[0]


def refused(study: Study, *crops: tuple[str, int, int]) -> list[str]:
    before = everything(study)
    with pytest.raises(Refused) as caught:
        load(study, *crops)
    assert everything(study) == before
    return caught.value.problems


def everything(study: Study) -> Any:  # noqa: ANN401
    rows = study.crops.annotate(made=Count("versions")).order_by("pk")
    return dump_study(Study.objects.get(pk=study.pk)), list(rows.values_list())


def lying(study: Study, original: Original) -> set[Box]:
    return {box_of(crop) for crop in study.crops.filter(original=original)}


def show(study: Study) -> Crop:
    """Issue one trial; return the crop that it shows."""
    (trial,) = issue(build_rater(study), 1, NOW, np.random.default_rng(1))
    return trial.crop


def test_crops_that_nobody_saw_are_cut_where_the_file_says_then(study: Study) -> None:
    a, b = study.phase.originals()
    others, addresses = lying(study, b), set(CropVersion.objects.values_list("address", flat=True))
    pause(study)
    moved = load(study, ("P/a.png", 0, 0), ("P/a.png", 30, 20))
    assert lying(study, a) == {Box(0, 0, SIDE, SIDE), Box(30, 20, SIDE, SIDE)}
    assert lying(study, b) == others and dump_study(moved)["crops"][1]["x"] == 30
    assert not CropVersion.objects.filter(crop__original=a).exists()
    settle(moved)
    made = CropVersion.objects.filter(crop__original=a)
    assert made.filter(entry__isnull=False).count() == 4
    assert not addresses & set(made.values_list("address", flat=True))
    assert PairCount.objects.filter(crop__original=a).count() == 2
    # Back to the seed's places.
    load(study)
    assert lying(study, a) == set(boxes(Study.objects.get(), a))


def test_a_study_that_issues_trials_is_paused_first(study: Study) -> None:
    (problem,) = refused(study, ("P/a.png", 0, 0))
    assert problem.endswith("crops: crops that are made move while nothing is issued; pause the "
                            "study first.")  # fmt: skip
    Study.objects.update(is_open=False)
    assert load(study, ("P/a.png", 0, 0)).placed_crops


def test_naming_the_places_where_crops_lie_moves_nothing(study: Study) -> None:
    show(study)
    crops = [(f"P/{crop.original.name}", crop.x, crop.y) for crop in study.crops.order_by("pk")]
    before = list(CropVersion.objects.order_by("pk").values_list("address", flat=True))
    assert load(study, *crops).placed_crops
    assert list(CropVersion.objects.order_by("pk").values_list("address", flat=True)) == before


def test_what_trials_show_stays_and_nothing_is_put_over_it(study: Study) -> None:
    shown = show(study)
    pause(study)
    name = f"P/{shown.original.name}"
    away = (shown.x + 30) % (60 - SIDE), (shown.y + 20) % (40 - SIDE)
    (problem,) = refused(study, (name, *away))
    assert f"{name!r}: trials show the crop at {shown.x}, {shown.y}, so it stays" in problem
    beside = max(0, shown.x - 3), shown.y
    beside = beside if beside[0] < shown.x else (shown.x + 3, shown.y)
    (problem,) = refused(study, (name, shown.x, shown.y), (name, *beside))
    assert "overlaps the one at" in problem
    assert load(study, (name, shown.x, shown.y), (name, *away)).placed_crops
    assert Trial.objects.get().crop.pk == shown.pk


def test_a_trial_that_came_between_is_noticed_before_anything_goes(study: Study) -> None:
    """The check of a file comes before its rows are locked."""
    shown = show(study)
    pause(study)
    after = Study.objects.get()
    away = {"x": (shown.x + 30) % 48, "y": shown.y}
    after.placed_crops = [{"picture": f"P/{shown.original.name}", **away}]
    with pytest.raises(Refused, match="so it stays"):
        move_crops(Study.objects.get(), after)
    assert Trial.objects.exists()


def test_a_job_that_read_the_study_before_places_no_crop_where_it_lay(study: Study) -> None:
    pause(study)
    stale = Study.objects.get()
    load(study, ("P/a.png", 0, 0))
    a, _ = study.phase.originals()
    place(stale, a)
    assert lying(study, a) == {Box(0, 0, SIDE, SIDE)}


def test_boxes_overlap_where_they_have_a_pixel_in_common() -> None:
    box = Box(10, 10, 4, 3)
    assert box.overlaps(box) and box.overlaps(Box(13, 12, 9, 9)) and box.overlaps(Box(0, 0, 11, 11))
    assert not box.overlaps(Box(14, 10, 4, 3)) and not box.overlaps(Box(10, 13, 4, 3))
    assert not box.overlaps(Box(6, 10, 4, 3)) and not box.overlaps(Box(10, 7, 4, 3))
