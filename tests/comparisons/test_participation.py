"""Methods, pictures and placed crops: what a study file may name, and what follows from it."""

from typing import Any

import pytest

from ratings.challenge.models import Challenge
from ratings.challenge.refusals import Refused
from ratings.comparisons.models import Study
from ratings.comparisons.participation import has_method, has_picture, most_crops
from ratings.comparisons.study.cropping import place
from ratings.comparisons.study.study_tables import dump_study, load_studies
from tests.builders import build_dataset, build_original, build_phase, build_rgb, build_submission

pytestmark = pytest.mark.django_db


@pytest.fixture
def study() -> Study:
    """Save a study of P/a.png and P/b.png (40 x 30 pixels), and M, whose pictures are not there."""
    phase = build_phase(names=[], slug="test")
    p = build_dataset(phase.challenge, slug="P")
    for name in ("a.png", "b.png"):
        build_original(p, build_rgb(width=40, height=30), name=name)
    phase.datasets.set([p, build_dataset(phase.challenge, slug="M")])
    for method in ("BPG", "JPEG"):
        build_submission(phase, method=method)
    return load(phase.challenge)


def load(challenge: Challenge, **fields: Any) -> Study:
    table = {
        "phase": "test",
        "slug": "people",
        "name": "People",
        "consent": "Of my own free will.",
        "crop_size": [16, 12],
    }
    return load_studies(challenge, [table | fields])[0]


@pytest.mark.parametrize(
    ("fields", "problem"),
    [
        ({"methods": ["bpg"]}, "methods: no submission of the phase is called 'bpg'; there are: B"),
        ({"methods": "BPG"}, "methods: it must be a list of texts"),
        ({"methods": ["BPG", "BPG"]}, "methods: 'BPG' stands there 2 times."),
        ({"pictures": ["a.png"]}, "pictures: 'a.png' must name data set and file, such as \"P/"),
        ({"pictures": ["Q/a.png"]}, "the phase has no data set 'Q'; it has "),
        ({"pictures": ["P/c.png"]}, "pictures: 'P/c.png': the data set has no such picture"),
        ({"pictures": ["P/a.png"] * 2}, "pictures: 'P/a.png' stands there 2 times."),
        ({"crops": [{"picture": "P/a.png", "x": 1}]}, "crops 1: y: it is missing; write a whole"),
        ({"crops": [{"picture": "P/a.png", "x": -1, "y": 0}]}, "crops 1: x: it must be a whole"),
        ({"crops": [{"picture": "P/c.png", "x": 0, "y": 0}]}, "crops: 'P/c.png': the data set has"),
        (
            {"crops": [{"picture": "P/a.png", "x": 25, "y": 0}]},
            "a crop at 25, 0 leaves the picture of 40 x 30 pixels; x may be at most 24, y at most",
        ),
        (
            {"crops": [{"picture": "P/a.png", "x": 1, "y": 2}] * 2},
            "crops: 'P/a.png at 1, 2' stands there 2 times.",
        ),
        (
            {"pictures": ["P/b.png"], "crops": [{"picture": "P/a.png", "x": 0, "y": 0}]},
            "crops: 'P/a.png' is not one of `pictures`",
        ),
        (
            {"crops": [{"picture": "P/a.png", "x": n % 20, "y": n // 20} for n in range(101)]},
            "crops: P/a.png has 101; at most 100 are possible.",
        ),
    ],
)
def test_refuses(study: Study, fields: dict[str, Any], problem: str) -> None:
    with pytest.raises(Refused) as caught:
        load(study.phase.challenge, **fields)
    (line,) = caught.value.problems
    assert line.startswith("[[study]] people: ")
    assert problem in line


def test_named_methods_and_pictures_take_part_and_no_others(study: Study) -> None:
    a, b = study.phase.originals()
    bpg, jpeg = study.phase.submissions.order_by("method")
    assert all([has_picture(study, a), has_picture(study, b)])
    assert all([has_method(study, bpg), has_method(study, jpeg)])
    study = load(study.phase.challenge, methods=["BPG"], pictures=["P/b.png"])
    assert (has_picture(study, a), has_picture(study, b)) == (False, True)
    assert (has_method(study, bpg), has_method(study, jpeg)) == (True, False)
    assert place(study, a) == []
    assert len(place(study, b)) == 2


def test_what_is_not_there_yet_may_be_named(study: Study) -> None:
    study.phase.submissions.all().delete()
    load(study.phase.challenge, methods=["soon"], pictures=["M/soon.png"])
    with pytest.raises(Refused, match="methods: 'n/a' is what programs"):
        load(study.phase.challenge, methods=["n/a"])
    with pytest.raises(Refused, match="has no data set 'Z'"):
        load(study.phase.challenge, pictures=["Z/soon.png"])


def test_a_method_of_before_is_named_whatever_is_asked_of_new_ones(study: Study) -> None:
    build_submission(study.phase, method="NA")
    assert load(study.phase.challenge, methods=["NA", "BPG"]).methods == ["NA", "BPG"]


def test_crops_lie_where_the_file_says_and_else_where_the_seed_does(study: Study) -> None:
    a, b = study.phase.originals()
    seeded = [(crop.x, crop.y) for crop in place(load(study.phase.challenge), b)]
    study.crops.all().delete()
    crops = [{"picture": "P/a.png", "x": x, "y": 3} for x in (24, 5, 0)]
    study = load(study.phase.challenge, crops=crops)
    placed = place(study, a)
    assert [(c.x, c.y, c.width, c.height) for c in placed] == [(x, 3, 16, 12) for x in (0, 5, 24)]
    assert [(crop.x, crop.y) for crop in place(study, b)] == seeded
    assert most_crops(study) == 3
    assert dump_study(study)["crops"] == crops
    with pytest.raises(Refused, match="crops: crops that are made move while nothing is issued"):
        load(study.phase.challenge, crops=crops[:2])


def test_a_crop_of_a_smaller_picture_is_the_picture(study: Study) -> None:
    crops = [{"picture": "P/a.png", "x": 0, "y": 0}]
    study = load(study.phase.challenge, crop_size=[768, 768], crops=crops)
    (crop,) = place(study, study.phase.originals()[0])
    assert (crop.width, crop.height) == (40, 30)
