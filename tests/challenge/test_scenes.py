"""Scenes of a data set: read, refused with the mend, written out again, found by names."""

from fnmatch import fnmatchcase

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ratings.challenge.definitions.definition import emit, parse
from ratings.challenge.keys.scene_keys import (
    SceneTable,
    scene_finder,
    scene_notes,
    scene_of,
    scene_problems,
)
from ratings.challenge.models import Dataset
from ratings.challenge.pictures.scenes import picture_scenes
from ratings.challenge.refusals import Refused
from ratings.web.desk.definition.scene_fields import read_scene_lines, scene_lines
from tests.builders import build_challenge, build_dataset, build_original
from tests.challenge.definitions import GOOD

SCENES = (SceneTable("lake", ("a.png", "shore*.png")), SceneTable("old: town", ("t[1].png",)))


def with_scenes(written: str) -> str:
    """Return a definition whose data set has these scenes."""
    return GOOD.replace('name = "Professional"', f'name = "Professional"\nscenes = {written}')


def test_they_are_read_and_written_out_again() -> None:
    definition = parse(with_scenes('[{ name = "lake", pictures = ["a.png", "b*"] }]'))
    assert definition.datasets[0].scenes == (SceneTable("lake", ("a.png", "b*")),)
    assert parse(emit(definition)) == definition
    assert "scenes" not in emit(parse(GOOD))


@pytest.mark.parametrize(
    ("written", "mend"),
    [
        ('[{ name = "lake" }]', "pictures: "),
        ('[{ name = "lake", pictures = [] }]', 'pictures: write a list such as ["a.png", "b*"].'),
        ('[{ name = "lake", pictures = ["a b.png"] }]', "'a b.png' is no picture's name"),
        ('[{ pictures = ["a.png"] }]', "name: "),
        ('[{ name = " ", pictures = ["a.png"] }]', "name: it must not be empty."),
        ('{ lake = ["a.png"] }', "scenes: "),
        (
            '[{ name = "x", pictures = ["a.png"] }, { name = "x", pictures = ["b.png"] }]',
            "scenes: ",
        ),
    ],
)
def test_what_can_not_be_meant_is_refused(written: str, mend: str) -> None:
    with pytest.raises(Refused) as refused:
        parse(with_scenes(written))
    assert any("[[dataset]] P" in line and mend in line for line in refused.value.problems)


def test_a_picture_is_in_the_scene_that_names_it() -> None:
    assert [scene_of(name, SCENES) for name in ("a.png", "shore-2.png", "b.png", "A.png")] == [
        *("lake", "lake", "", "")
    ]


NAMES = st.text("ab*", min_size=1, max_size=3)


@given(st.lists(st.lists(NAMES, min_size=1, max_size=3), max_size=4), NAMES)
def test_names_that_are_looked_up_find_what_patterns_find(
    patterns: list[list[str]], picture: str
) -> None:
    scenes = [SceneTable(f"s{number}", tuple(names)) for number, names in enumerate(patterns)]
    assert scene_finder(scenes)(picture) == [
        scene.name
        for scene in scenes
        if any(fnmatchcase(picture, pattern) for pattern in scene.pictures)
    ]


def test_a_picture_in_two_scenes_is_refused_by_name() -> None:
    both = (*SCENES, SceneTable("water", ("a*",)))
    assert scene_problems(["a.png", "b.png"], both) == [
        "scenes: a.png is in lake and water; let it be in one."
    ]


def test_lines_of_the_form_come_back_as_they_were() -> None:
    tables = [
        {"name": "lake", "pictures": ["a.png", "shore*.png"]},
        {"name": "old: town", "pictures": ["t.png"]},
    ]
    assert scene_lines(tables).split("\n")[1] == "old: town: t.png"
    assert read_scene_lines(scene_lines(tables)) == tables
    assert read_scene_lines("lake\n\n") == [{"name": "", "pictures": ["lake"]}]


@pytest.mark.django_db
def test_a_name_is_one_scene_in_all_data_sets() -> None:
    challenge = build_challenge()
    for slug in ("P", "M"):
        dataset = build_dataset(challenge, slug=slug, name=slug)
        for name in ("a", "b"):
            build_original(dataset, name=f"{slug}-{name}.png")
        Dataset.objects.filter(pk=dataset.pk).update(
            scenes=[{"name": "lake", "pictures": ["*-a.png"]}]
        )
    assert list(picture_scenes(challenge.datasets.all()).values()) == ["lake", "lake"]


def test_names_of_pictures_that_are_not_there_are_told() -> None:
    scenes = [SceneTable("lake", ("a.png", "b*")), SceneTable("town", ("b.png", "t*"))]
    assert scene_notes(["a.png", "b1.png"], scenes) == [
        "scenes: town: no picture is called like 'b.png'.",
        "scenes: town: no picture is called like 't*'.",
    ]
