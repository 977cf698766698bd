"""What files are called as originals, and what is said of them."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ratings.challenge.definitions.definition import PICTURE_NAME
from ratings.imaging.picture_plans import FitNames, PicturePlan, fit_stem


def plans(*files: str) -> list[str]:
    names = FitNames(files)
    return [f"{file}: {names.plan(file, [])}" for file in files]


@given(st.lists(st.text(min_size=1, max_size=40), max_size=20, unique=True))
def test_every_name_becomes_a_fit_one_and_no_two_the_same(stems: list[str]) -> None:
    files = [f"{stem}.PNG" for stem in stems]
    names = FitNames(files)
    found = [names.plan(file, []).name for file in files]
    assert all(PICTURE_NAME.fullmatch(name) for name in found)
    assert len({name.lower() for name in found}) == len(found)


@pytest.mark.parametrize(
    ("name", "stem"),
    [
        ("Straße am Abend (2).JPG", "Strasse-am-Abend-2"),
        ("München.PNG", "Munchen"),
        ("Mu\u0308nchen.PNG", "Munchen"),
        ("IMG_0001.tiff", "IMG_0001"),
        ("photos/day 1/IMG_0001.tiff", "IMG_0001"),
        ("照片.png", ""),
        (".hidden.png", "hidden"),
        ("a.b-c_d.png", "a.b-c_d"),
    ],
)
def test_names_stay_as_near_as_they_can(name: str, stem: str) -> None:
    assert fit_stem(name) == stem


def test_a_name_of_which_nothing_remains_is_a_number() -> None:
    assert plans("a.png", "照片.png") == [
        "a.png: taken as it is",
        "照片.png: renamed to picture-0002.png",
    ]


def test_two_that_would_have_one_name_are_told_apart_and_told() -> None:
    assert plans("a b.png", "x/a-b.png", "y/A-B.png") == [
        "a b.png: renamed to a-b-2.png, because a-b.png is taken by x/a-b.png",
        "x/a-b.png: taken as it is",
        "y/A-B.png: renamed to A-B-3.png, because A-B.png is taken by x/a-b.png",
    ]


def test_a_refused_file_takes_no_name_but_its_own() -> None:
    names = FitNames(["IMG_1.CR2", "IMG_1.JPG", "b.JPG", "b.png"])
    assert names.plan("IMG_1.JPG", []).name == "IMG_1.png"
    assert names.plan("b.JPG", []).name == "b-2.png"


def test_a_plan_says_each_change_or_the_problem() -> None:
    assert str(FitNames(["a b.tif"]).plan("a b.tif", ["made a PNG of TIFF"])) == (
        "renamed to a-b.png; made a PNG of TIFF"
    )
    assert str(PicturePlan(problem="It is no picture.")) == "refused. It is no picture."
