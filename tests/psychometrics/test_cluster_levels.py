"""Scenes of pictures and groups of raters: clusters that are coarser, and nothing else."""

from pathlib import Path

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from ratings.psychometrics.counts.cluster_levels import NOTHING_ABOVE, torn
from ratings.psychometrics.counts.tally import Tally, tally_codes, tally_judgments
from ratings.psychometrics.files.csv_rows import BadJudgments
from ratings.psychometrics.files.file_forms import FORMS, SITE
from ratings.psychometrics.files.judgments_csv import read_judgments
from ratings.psychometrics.inference.fitting import fit

METHODS = ("a", "b", "c")
PAIRS = ((0, 1), (1, 0), (2, 0), (1, 2))
ROWS = st.lists(
    st.tuples(st.integers(0, 5), st.integers(0, 3), st.sampled_from(PAIRS), st.integers(0, 2)),
    min_size=1,
    max_size=40,
)
Rows = list[tuple[int, int, tuple[int, int], int]]
LEVEL = st.integers(NOTHING_ABOVE, 2)


def tallied(rows: Rows, group: list[int] | None, scene: list[int] | None) -> Tally:
    """Tally rows of (rater, image, (left, right), choice), with the level above each number."""
    rater, image = (np.array([row[place] for row in rows]) for place in (0, 1))
    left, right = (np.array([row[2][side] for row in rows]) for side in (0, 1))
    levels = {
        "group": None if group is None else np.array(group)[rater],
        "scene": None if scene is None else np.array(scene)[image],
    }
    return tally_codes(METHODS, rater, image, left, right, [row[3] for row in rows], **levels)


def renamed(rows: Rows, group: list[int], scene: list[int]) -> Tally:
    """Tally the same as if each group were one rater, and each scene one picture."""
    return tally_judgments(
        [f"r{row[0]}" if group[row[0]] < 0 else f"g{group[row[0]]}" for row in rows],
        [f"p{row[1]}" if scene[row[1]] < 0 else f"s{scene[row[1]]}" for row in rows],
        [METHODS[row[2][0]] for row in rows],
        [METHODS[row[2][1]] for row in rows],
        [("left", "right", "tie")[row[3]] for row in rows],
    )


@given(
    rows=ROWS,
    group=st.lists(LEVEL, min_size=6, max_size=6),
    scene=st.lists(LEVEL, min_size=4, max_size=4),
)
def test_a_level_is_as_if_its_members_were_one(
    rows: Rows, group: list[int], scene: list[int]
) -> None:
    ours, plain = tallied(rows, group, scene), renamed(rows, group, scene)
    kept = [place for place, name in enumerate(METHODS) if name in plain.methods]
    assert ours.keep(kept).by_rater.tolist() == plain.by_rater.tolist()
    assert ours.keep(kept).by_picture.tolist() == plain.by_picture.tolist()
    assert ours.raters == len({row[0] for row in rows})
    assert ours.pictures == len({row[1] for row in rows})
    for found, members, all_ in (
        (ours.rater_groups, ours.raters, plain.raters),
        (ours.scenes, ours.pictures, plain.pictures),
    ):
        assert found == (all_ if all_ < members else None)


@given(rows=ROWS, group=st.permutations(range(6)), scene=st.permutations(range(4)))
def test_a_level_that_joins_nothing_changes_nothing(
    rows: Rows, group: list[int], scene: list[int]
) -> None:
    assert tallied(rows, group, scene) == tallied(rows, None, None)


@given(rows=ROWS, names=st.permutations(range(3)))
def test_names_of_groups_and_scenes_make_no_difference(rows: Rows, names: list[int]) -> None:
    group, scene = [0, 1, 2, 0, 1, -1], [0, 1, 1, -1]
    other = [[names[one] if one >= 0 else one for one in level] for level in (group, scene)]
    assert tallied(rows, group, scene) == tallied(rows, *other)


def test_as_many_clusters_of_more_members_are_another_input() -> None:
    rows = [(rater, image, (0, 1), 0) for rater in range(4) for image in range(2)]
    two = tallied(rows, [0, 0, 1, 1, -1, -1], None)
    assert two != tallied([(row[0] // 2, *row[1:]) for row in rows], None, None)


def test_members_of_several_clusters_are_found() -> None:
    assert torn(np.array([0, 0, 1, 1, 2]), np.array([0, 0, 0, -1, 1])).tolist() == [1]


HEAD = "rater,image,left,right,choice,scene,group\n"
SCENES = {"p1": "lake", "p2": "lake", "p3": "", "p4": "p3", "p5": "NA"}


def file_of(folder: Path, head: str = HEAD) -> Path:
    """Write judgments by 6 raters of 3 labs on 5 pictures, of which two are one scene."""
    rows = [
        f"r{rater},{image},{left},{right},{choice},{scene},lab {rater % 3}"
        for rater in range(6)
        for image, scene in SCENES.items()
        for left, right, choice in (
            ("a", "b", "left"),
            ("b", "a", "right" if rater % 2 else "left"),
            ("b", "c", "left" if image != "p4" else "right"),
            ("c", "a", "left" if rater == 3 else "right"),
        )
    ]
    path = folder / "judgments.csv"
    path.write_text(head + "\n".join(rows) + "\n")
    return path


def test_a_file_says_what_its_judgments_are_clustered_by(tmp_path: Path) -> None:
    found = fit(read_judgments(file_of(tmp_path)).tally())
    # A picture without a scene is none with the scene of its name.
    assert (found.raters, found.rater_groups) == (6, 3)
    assert (found.pictures, found.scenes) == (5, 4)
    assert any(note.startswith("3 groups of raters are few") for note in found.notes)
    assert any(note.startswith("4 scenes are few") for note in found.notes)


def test_columns_of_levels_can_be_named_and_left_unread(tmp_path: Path) -> None:
    path = file_of(tmp_path, HEAD.replace("scene,group", "place,lab"))
    plain = read_judgments(path).tally()
    assert (plain.rater_groups, plain.scenes) == (None, None)
    form = SITE.with_columns("scene=place,group=lab")
    assert read_judgments(path, form=form).tally().scenes == 4
    path = file_of(tmp_path)
    assert read_judgments(path, form=SITE.with_columns("scene=,group=")).tally() == plain
    # A column that is the picture's name says nothing besides.
    by_lab = read_judgments(path, form=SITE.with_columns("image=group,scene=")).tally()
    assert (by_lab.pictures, by_lab.rater_groups) == (3, None)


@pytest.mark.parametrize("name", sorted(set(FORMS) - {"site"}))
def test_elsewhere_such_names_mean_nothing_until_somebody_says_so(name: str) -> None:
    assert FORMS[name].column("group") == "" == FORMS[name].column("scene")


def test_a_rater_of_two_groups_is_refused_by_name(tmp_path: Path) -> None:
    path = file_of(tmp_path)
    path.write_text(path.read_text().replace("r4,p1,a,b,left,lake,lab 1", "r4,p1,a,b,left,lake,"))
    with pytest.raises(BadJudgments, match=r"groups of 1 rater differ .*: r4\. Give each rater"):
        read_judgments(path)
    path.write_text(path.read_text().replace("r4,p1,a,b,left,lake,", "r4,p1,a,b,left, x,lab 1"))
    with pytest.raises(BadJudgments, match="scene has spaces around it"):
        read_judgments(path)


def test_columns_that_name_nothing_are_not_kept(tmp_path: Path) -> None:
    path = file_of(tmp_path)
    lines = [line.rsplit(",", 2)[0] + ",NA," for line in path.read_text().splitlines()[1:]]
    path.write_text(HEAD + "\n".join(lines) + "\n")
    read = read_judgments(path)
    assert (read.scene, read.group) == (None, None)
    assert read.tally().scenes is None
