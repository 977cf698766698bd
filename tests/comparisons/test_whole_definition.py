"""A whole definition file: every problem in one go, what would change, and what did."""

from io import StringIO
from pathlib import Path

import pytest
from django.core.management import call_command
from django.core.management.base import CommandError
from procrastinate.contrib.django.models import ProcrastinateJob

from ratings.challenge.models import Challenge, Original, Phase
from ratings.challenge.refusals import Refused
from ratings.comparisons.models import Study
from ratings.comparisons.study.definition_history import whole_toml
from ratings.comparisons.study.whole_definition import load_whole
from ratings.imaging.pixels import encode_png
from tests.builders import build_rgb
from tests.challenge.definitions import STUDY, TEXT, write_originals
from tests.imaging.png_builder import idat, ihdr, png

pytestmark = pytest.mark.django_db


@pytest.fixture
def root(tmp_path: Path) -> Path:
    return write_originals(tmp_path)


def run(text: str, root: Path, *options: str) -> list[str]:
    """Run the command on the text and return the lines that it prints."""
    (root / "file.toml").write_text(text)
    out = StringIO()
    call_command("load_challenge", str(root / "file.toml"), *options, stdout=out)
    return out.getvalue().splitlines()


def test_all_problems_of_file_pictures_and_studies_come_in_one_go(root: Path) -> None:
    (root / "P/a.png").rename(root / "P/Straße 1.PNG")
    (root / "M/c.png").write_bytes(png(ihdr(1, 1, 16), idat(bytes(1 + 6))))
    text = TEXT.replace("opens = 2018-04-15T00:00:00-08:00", "opens = 2018-04-15")
    text += "colour = 1\n" + STUDY + "trials_per_rater = 30\nties_allowed = 1\n"
    with pytest.raises(CommandError) as caught:
        run(text, root)
    head, *problems = str(caught.value).splitlines()
    assert head.endswith("file.toml was not loaded:")
    expected = [
        "[[phase]] test: opens: it must be an instant",
        "[[phase]] test: colour: this key is unknown",
        f"[[dataset]] P: {root}/P/Straße 1.PNG: a picture's name is made of",
        f"[[dataset]] M: {root}/M/c.png: ",
        "[[study]] people: ties_allowed: ",
        "[[study]] people: screening.least_checks: 30 trials hold 3",
    ]
    assert len(problems) == len(expected)
    for problem, start in zip(problems, expected, strict=True):
        assert problem.startswith(start)
    assert "prepare_pictures" in problems[2] and "16" in problems[3]
    assert not Challenge.objects.exists()


def test_what_can_not_be_known_yet_is_not_called_wrong(root: Path) -> None:
    """Nothing is said of what only follows from another problem."""
    text = TEXT.replace("opens = 2018-04-15T00:00:00-08:00", "opens = 2018-04-15")
    text = text.replace('originals = "P"', 'originals = "nowhere"')
    text += STUDY + 'pictures = ["P/a.png", "M/c.png"]\n'
    with pytest.raises(CommandError) as caught:
        run(text, root)
    problems = str(caught.value).splitlines()[1:]
    assert [line.split(":")[0] for line in problems] == ["[[phase]] test", "[[dataset]] P"]


def test_a_study_s_pictures_are_looked_for_among_those_that_come_with_the_file(root: Path) -> None:
    with pytest.raises(CommandError, match=r"pictures: 'P/none.png': the data set has no such"):
        run(TEXT + STUDY + 'pictures = ["P/none.png"]\n', root)
    run(TEXT + STUDY + 'pictures = ["P/b.png"]\n', root)
    assert Study.objects.get().pictures == ["P/b.png"]


def test_a_dry_run_says_what_would_change_and_changes_nothing(root: Path) -> None:
    assert run(TEXT + STUDY, root, "--dry-run") == [
        "small would be a new challenge. Nothing was loaded."
    ]
    assert not Challenge.objects.exists() and not ProcrastinateJob.objects.exists()
    run(TEXT + STUDY, root)
    before, jobs = whole_toml(Challenge.objects.get()), ProcrastinateJob.objects.count()
    changed = (TEXT + STUDY).replace('name = "Test"', 'name = "The test"').replace("0.15", "0.2")
    changed = changed.replace("[16, 16]", "[8, 8]").replace("04-22T23", "04-24T23")
    (root / "M/c.png").unlink()
    (root / "M/e.png").write_bytes((root / "P/a.png").read_bytes())
    lines = run(changed, root, "--dry-run")
    assert lines == [
        "Loading small would change:",
        "[[phase]] test: name: Test -> The test",
        "[[phase]] test: closes: 2018-04-22T23:59:59-08:00 -> 2018-04-24T23:59:59-08:00",
        "[[phase]] test: max_bpp: 0.15 -> 0.2",
        "[[study]] people: crop_size: [16, 16] -> [8, 8]",
        "[[dataset]] M: 1 picture new: e.png",
        "[[dataset]] M: 1 picture dropped: c.png",
        "Nothing was loaded.",
    ]
    assert whole_toml(Challenge.objects.get()) == before
    assert ProcrastinateJob.objects.count() == jobs
    assert set(Original.objects.values_list("name", flat=True)) == {"a.png", "b.png", "c.png"}
    loaded = run(changed, root)
    assert loaded[0].startswith("Loaded small: 1 phases") and loaded[1:] == [
        "Changed:",
        *lines[1:-1],
    ]
    assert run(changed, root)[1:] == ["Nothing changed."]
    assert run(changed, root, "--dry-run") == ["small would stay as it is.", "Nothing was loaded."]


def test_a_phase_of_another_slug_is_said_to_be_dropped(root: Path) -> None:
    run(TEXT, root)
    lines = run(TEXT.replace('slug = "test"', 'slug = "final"'), root)
    assert lines[1:] == ["Changed:", "[[phase]] test: dropped", "[[phase]] final: new"]
    assert Phase.objects.get().slug == "final"


def test_loading_twice_changes_nothing(root: Path) -> None:
    first = load_whole(TEXT + STUDY, root)
    again = load_whole(whole_toml(first.challenge), root)
    assert (first.is_new, again.is_new, again.changes) == (True, False, [])


def test_a_picture_of_other_samples_is_a_change(root: Path) -> None:
    run(TEXT, root)
    (root / "P/b.png").write_bytes(encode_png(build_rgb(width=40, height=30, seed=77)))
    assert run(TEXT, root)[1:] == ["Changed:", "[[dataset]] P: 1 picture changed: b.png"]


def test_other_scenes_let_the_studies_of_their_pictures_be_ranked_anew(root: Path) -> None:
    load_whole(TEXT + STUDY, root)
    study = Study.objects.get(slug="people")
    load_whole(TEXT + STUDY, root)
    assert Study.objects.get(pk=study.pk).changes == study.changes
    assert 'name = "lake"' in whole_toml(study.phase.challenge)
    # The study stays though the file names it no more, and is ranked anew as well.
    swapped = TEXT.replace('"a.png"', '"b.png"').replace("b*.png", "a*.png")
    again = load_whole(swapped, root)
    assert Study.objects.get(pk=study.pk).changes == study.changes + 1
    assert any("scenes" in line for line in again.changes)
    with pytest.raises(Refused, match=r"a\.png is in lake and 8: town"):
        load_whole(TEXT.replace("b*.png", "a*"), root)
