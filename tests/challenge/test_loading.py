"""Loading a definition: whole or not at all, again without change, never under submissions."""

from datetime import UTC, datetime
from io import StringIO
from pathlib import Path

import pytest
from django.core.management import call_command
from django.core.management.base import CommandError

from ratings.challenge import files
from ratings.challenge.definition import parse
from ratings.challenge.limits import decoder_limits
from ratings.challenge.loading import dump, load_definition
from ratings.challenge.models import Challenge, Original, Phase
from ratings.challenge.refusals import Refused
from ratings.imaging.pixels import encode_png
from tests.builders import NOW, build_decoded_image, build_rgb, build_submission

pytestmark = pytest.mark.django_db
TEXT = """
slug = "small"
name = "A small challenge"
summary = "One line."
forum = "https://forum.example/"

[[calendar]]
title = "Results"
at = 2018-05-29T00:00:00-08:00

[[dataset]]
slug = "P"
name = "Professional"
originals = "P"

[[dataset]]
slug = "M"
name = "Mobile"
originals = "M"

[[phase]]
slug = "test"
name = "Test"
datasets = ["P", "M"]
opens = 2018-04-15T00:00:00-08:00
closes = 2018-04-22T23:59:59-08:00
boards_open = 2018-05-29T00:00:00-08:00
max_bpp = 0.15
board = "latest"
"""
RULES = """
decoder = "required"
submissions_per_day = 5
submissions_in_all = 90
own_scores = true

[[phase]]
slug = "final"
name = "Final"
datasets = ["P"]
opens = 2018-05-15T00:00:00-08:00
closes = 2018-05-22T23:59:59-08:00
decoder = "registered"
decoders_from = "test"
"""


@pytest.fixture
def root(tmp_path: Path) -> Path:
    """Make folders P (two pictures) and M (one)."""
    for number, name in enumerate(["P/a.png", "P/b.png", "M/c.png"]):
        (tmp_path / name).parent.mkdir(exist_ok=True)
        (tmp_path / name).write_bytes(encode_png(build_rgb(width=40, height=30, seed=number)))
    return tmp_path


def refusal(text: str, root: Path) -> Refused:
    with pytest.raises(Refused) as refused:
        load_definition(text, root)
    return refused.value


def test_missing_folders_and_broken_pictures_are_all_named(root: Path) -> None:
    (root / "P/a.png").write_bytes(b"no picture")
    (root / "P/b.png").rename(root / "P/b c.PNG")
    (root / "M/c.png").unlink()
    refused = refusal(TEXT, root)
    first, second, third = refused.problems
    assert first.startswith(f"[[dataset]] P: {root / 'P/a.png'}: ")
    assert second.startswith(f"[[dataset]] P: {root / 'P/b c.PNG'}: a picture's name is")
    assert third == f"[[dataset]] M: There is no PNG in {root / 'M'}."
    assert refused.code == "originals"
    assert not Challenge.objects.exists()


def test_a_name_may_stand_only_once_in_a_phase(root: Path) -> None:
    (root / "M/c.png").rename(root / "M/a.png")
    refused = refusal(TEXT, root)
    assert refused.problems == [
        "[[phase]] test: datasets: a.png is in 2 of its data sets; rename it in all but one."
    ]
    assert not Challenge.objects.exists()


def test_bpp_needs_pictures() -> None:
    text = TEXT.replace('originals = "P"', "").replace('originals = "M"', "")
    refused = refusal(text, Path())
    assert "no pictures yet" in refused.problems[0]


def test_loading_stores_facts_files_and_samples(root: Path) -> None:
    challenge = load_definition(TEXT, root)
    phase = challenge.phases.get()
    assert [original.name for original in phase.originals()] == ["a.png", "b.png", "c.png"]
    picture = phase.originals()[0]
    assert files.load(picture.sha256) == (root / "P/a.png").read_bytes()
    samples = files.load_samples(picture.samples_sha256, width=40, height=30)
    assert (samples == build_rgb(width=40, height=30, seed=0)).all()
    assert phase.byte_budget == 40 * 30 * 3 * 15 // 100 // 8


def test_loading_again_changes_no_row(root: Path) -> None:
    load_definition(TEXT, root)
    before = list(Original.objects.values()), list(Phase.objects.values())
    load_definition(TEXT, root)
    assert (list(Original.objects.values()), list(Phase.objects.values())) == before
    assert Challenge.objects.get().calendar.count() == 1


def test_what_is_dumped_loads_to_the_same(root: Path) -> None:
    challenge = load_definition(TEXT, root)
    study = {"slug": "s", "question": 'Which "one"?'}
    text = dump(challenge, [study])
    assert "closes = 2018-04-22T23:59:59-08:00" in text
    assert parse(text).studies == [study]
    assert dump(load_definition(text, root), [study]) == text


def test_a_data_set_without_folder_keeps_its_pictures(root: Path) -> None:
    load_definition(TEXT, root)
    load_definition(TEXT.replace('originals = "P"', ""), root)
    assert Original.objects.count() == 3


def test_pictures_and_phases_may_change_before_submissions(root: Path) -> None:
    load_definition(TEXT, root)
    (root / "P/b.png").unlink()
    (root / "P/a.png").write_bytes(encode_png(build_rgb(width=41, height=30)))
    challenge = load_definition(TEXT.replace('slug = "test"', 'slug = "final"'), root)
    assert challenge.phases.get().slug == "final"
    assert set(Original.objects.values_list("name", "width")) == {("a.png", 41), ("c.png", 40)}


def test_pictures_are_fixed_once_there_are_submissions(root: Path) -> None:
    phase = load_definition(TEXT, root).phases.get()
    submission = build_submission(phase)
    build_decoded_image(submission, phase.originals()[0])
    (root / "P/b.png").unlink()
    (root / "P/a.png").write_bytes(encode_png(build_rgb(width=41, height=30)))
    (root / "M/d.png").write_bytes(encode_png(build_rgb()))
    refused = refusal(TEXT, root)
    assert refused.code == "in-use"
    assert refused.problems[0].endswith("put back as they were: M/d.png, P/a.png, P/b.png.")
    assert Original.objects.get(name="a.png").width == 40


def test_a_phase_with_submissions_can_not_be_dropped(root: Path) -> None:
    build_submission(load_definition(TEXT, root).phases.get())
    refused = refusal(TEXT.replace('slug = "test"', 'slug = "final"'), root)
    assert refused.problems == ["[[phase]] test: it has 1 submissions; keep it in the file."]
    assert Phase.objects.get().slug == "test"


def test_a_deadline_may_be_moved_under_submissions(root: Path) -> None:
    build_submission(load_definition(TEXT, root).phases.get())
    challenge = load_definition(TEXT.replace("2018-04-22", "2018-04-23"), root)
    assert challenge.phases.get().closes_at.isoformat() == "2018-04-24T08:00:00+00:00"


def test_the_command_says_what_it_loaded() -> None:
    out = StringIO()
    fixture = Path(__file__).parents[2] / "fixtures" / "clic2018.toml"
    call_command("load_challenge", fixture, stdout=out)
    assert out.getvalue() == "Loaded clic2018: 2 phases, 6 data sets, 0 pictures, 1 studies.\n"


def test_the_command_names_file_and_problems(tmp_path: Path) -> None:
    with pytest.raises(CommandError, match="can't be read"):
        call_command("load_challenge", tmp_path / "none.toml")
    (tmp_path / "bad.toml").write_bytes(b"\xff")
    with pytest.raises(CommandError, match="can't be read"):
        call_command("load_challenge", tmp_path / "bad.toml")
    (tmp_path / "bad.toml").write_text('slug = "a"')
    with pytest.raises(CommandError, match=r"not loaded:\n.*name.*\n.*summary"):
        call_command("load_challenge", tmp_path / "bad.toml")


def test_the_rules_of_submitting_are_loaded_and_written_out(root: Path) -> None:
    challenge = load_definition(TEXT + RULES, root)
    first, final = challenge.phases.all()
    assert (first.decoder_rule, first.submissions_per_day, first.submissions_in_all) == (
        "required",
        5,
        90,
    )
    assert first.own_scores and not final.own_scores
    assert (final.decoder_rule, final.decoders_from) == ("registered", first)
    written = parse(dump(challenge))
    assert written.phases[1].decoders_from == "test"
    assert written.phases[0].submissions_per_day == 5


def test_a_phase_that_registered_decoders_may_be_dropped_with_the_rule(root: Path) -> None:
    load_definition(TEXT + RULES, root)
    final = RULES[RULES.index("[[phase]]") :].replace("registered", "required")
    alone = TEXT[: TEXT.index("[[phase]]")] + final.replace('decoders_from = "test"', "")
    (only,) = load_definition(alone, root).phases.all()
    assert (only.slug, only.decoders_from) == ("final", None)


NEWS = """
[[announcement]]
title = "Test set is out"
at = 2018-04-15T00:00:00-08:00
text = "Good luck."
"""


def test_announcements_of_the_file_are_replaced_and_those_of_the_desk_stay(root: Path) -> None:
    challenge = load_definition(TEXT + NEWS, root)
    own = {"title": "At the desk", "text": "x", "at": NOW, "by": "ann"}
    challenge.announcements.create(**own)
    load_definition(TEXT + NEWS.replace("Good luck", "Good speed"), root)
    assert {one.text for one in challenge.announcements.all()} == {"Good speed.", "x"}
    load_definition(dump(challenge), root)  # holds both: neither is doubled
    assert sorted(one.title for one in challenge.announcements.all()) == [
        "At the desk",
        "Test set is out",
    ]


def test_factsheets_baselines_and_a_set_s_own_date_are_loaded_and_written_out(root: Path) -> None:
    text = TEXT.replace('slug = "P"', 'slug = "P"\nopens = 2017-12-24T00:00:00-08:00', 1)
    text += 'factsheet_closes = 2018-04-26T23:59:59-08:00\nbaselines = ["JPEG"]\n'
    challenge = load_definition(text, root)
    phase = challenge.phases.get()
    assert phase.factsheet_closes_at == datetime(2018, 4, 27, 8, tzinfo=UTC)
    assert phase.baselines == ["JPEG"]
    before, after = parse(text), parse(dump(challenge))
    assert after.datasets[0].opens == before.datasets[0].opens
    assert after.phases[0].factsheet_closes == before.phases[0].factsheet_closes
    assert after.phases[0].baselines == ("JPEG",)


def test_a_decoders_limits_are_loaded_and_written_out(root: Path) -> None:
    given = {"cpu_seconds": 100, "memory_bytes": 1 << 30}
    challenge = load_definition(
        TEXT + "limits = { cpu_seconds = 100, memory_bytes = 1073741824 }\n", root
    )
    limits = decoder_limits(challenge.phases.get().decoder_limits)
    assert (limits.cpu_seconds, limits.wall_seconds, limits.memory_bytes) == (100, 400, 1 << 30)
    assert parse(dump(challenge)).phases[0].limits == given
    assert decoder_limits({"cpu_seconds": 10**6}).wall_seconds == 72_000
    unset = decoder_limits({})
    assert (unset.cpu_seconds, unset.wall_seconds, unset.memory_bytes) == (3600, 14400, 8 << 30)
