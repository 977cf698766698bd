"""Loading a definition: whole or not at all, again without change, never under submissions."""

import hashlib
import io
import zipfile
import zlib
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from io import StringIO
from pathlib import Path

import pytest
from django.core.management import call_command
from django.core.management.base import CommandError
from PIL import Image
from PIL.PngImagePlugin import PngInfo

from ratings.challenge.definitions.definition import parse
from ratings.challenge.exchange.dumping import challenge_toml
from ratings.challenge.exchange.loading import load_definition
from ratings.challenge.keys.decoder_limits import decoder_limits
from ratings.challenge.keys.tables import written
from ratings.challenge.models import Challenge, Original, Phase
from ratings.challenge.pictures.archives import DatasetZip
from ratings.challenge.pictures.originals import Picture, load_original, read_folder
from ratings.challenge.refusals import Refused
from ratings.imaging.pixels import encode_png, other_chunks
from ratings.storage import content_store
from ratings.submissions.models import Factsheet
from tests.builders import NOW, build_decoded_image, build_rgb, build_submission, build_team
from tests.challenge.definitions import RULES, TEXT, write_originals
from tests.comparisons.builders import build_study

pytestmark = pytest.mark.django_db


@pytest.fixture
def root(tmp_path: Path) -> Path:
    return write_originals(tmp_path)


def refusal(text: str, root: Path) -> Refused:
    with pytest.raises(Refused) as refused:
        load_definition(text, root)
    return refused.value


def test_a_new_slug_that_differs_in_case_alone_is_refused_with_the_other(root: Path) -> None:
    text = TEXT.replace('slug = "M"', 'slug = "p"').replace('["P", "M"]', '["P", "p"]')
    assert refusal(text, root).problems == [
        "[[dataset]] P: slug: it differs from 'p' in capital letters alone; take another.",
        "[[dataset]] p: slug: it differs from 'P' in capital letters alone; take another.",
    ]
    load_definition(TEXT, root)
    two = TEXT + TEXT[TEXT.index("[[phase]]") :].replace('slug = "test"', 'slug = "Test"').replace(
        'name = "Test"', 'name = "Another"'
    )
    assert refusal(two, root).problems == [
        "[[phase]] Test: slug: it differs from 'test' in capital letters alone; take another."
    ]
    other = refusal(TEXT.replace('slug = "small"', 'slug = "SMALL"'), root)
    assert (other.code, other.problems) == (
        "definition",
        ["The challenge: slug: it differs from 'small' in capital letters alone; take another."],
    )
    Phase.objects.update(slug="TEST")  # by nobody's doing: what goes is nobody's twin
    assert load_definition(TEXT, root).phases.get().slug == "test"
    dataset = Challenge.objects.get().datasets.get(slug="M")
    dataset.slug = "p"  # both are there from before: they stay
    dataset.save()
    assert load_definition(text, root).datasets.count() == 2


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


@pytest.mark.parametrize("bpp", ["0.15", "0.25", "24", "0.123456789012"])
def test_a_budget_in_bpp_is_written_out_as_it_was_given(root: Path, bpp: str) -> None:
    challenge = load_definition(TEXT.replace("0.15", bpp), root)
    phase = challenge.phases.get()
    assert phase.byte_budget == int(Decimal(bpp) * 3 * 40 * 30 / 8)
    written = challenge_toml(challenge)
    assert parse(written).phases[0].max_bpp == Decimal(bpp) and "byte_budget" not in written
    (root / "M/d.png").write_bytes(encode_png(build_rgb(width=40, height=30, seed=9)))
    load_definition(written, root)
    phase.refresh_from_db()
    assert phase.byte_budget == int(Decimal(bpp) * 4 * 40 * 30 / 8)


def test_a_budget_in_bpp_waits_for_the_pictures(root: Path) -> None:
    text = TEXT.replace('originals = "P"', "").replace('originals = "M"', "")
    assert load_definition(text, root).phases.get().byte_budget is None
    assert load_definition(TEXT, root).phases.get().byte_budget == 3 * 40 * 30 * 15 // 100 // 8


@pytest.mark.parametrize(
    ("key", "budget", "told"), [("byte_budget", "2", "2 bytes"), ("max_bpp", "0.001", "0 bytes")]
)
def test_a_budget_has_a_byte_for_each_picture(root: Path, key: str, budget: str, told: str) -> None:
    refused = refusal(TEXT.replace("max_bpp = 0.15", f"{key} = {budget}"), root)
    assert refused.problems == [
        f"[[phase]] test: {key}: {told} for 3 pictures is less than one each; raise it."
    ]
    assert load_definition(TEXT.replace("max_bpp = 0.15", "byte_budget = 3"), root)


def test_a_deadline_that_moves_is_kept_once_people_may_have_seen_it(root: Path) -> None:
    later = TEXT.replace("2018-04-22T23", "2018-04-29T23")
    draft = "draft = true\n"
    phase = load_definition(draft + TEXT, root).phases.get()
    load_definition(draft + later, root)
    assert not phase.deadline_moves.exists()
    load_definition(later, root)
    assert not phase.deadline_moves.exists()
    load_definition(TEXT, root)
    load_definition(TEXT, root)
    move = phase.deadline_moves.get()
    assert move.closed_at - move.closes_at == timedelta(days=7)


def test_loading_stores_facts_files_and_samples(root: Path) -> None:
    challenge = load_definition(TEXT, root)
    phase = challenge.phases.get()
    assert [original.name for original in phase.originals()] == ["a.png", "b.png", "c.png"]
    picture = phase.originals()[0]
    assert content_store.load(picture.sha256) == (root / "P/a.png").read_bytes()
    samples = load_original(picture)
    assert (samples == build_rgb(width=40, height=30, seed=0)).all()
    assert phase.byte_budget == 40 * 30 * 3 * 15 // 100 // 8


def test_what_only_says_how_to_show_a_picture_is_left_out_and_told(
    root: Path, caplog: pytest.LogCaptureFixture
) -> None:
    path, about = root / "P" / "a.png", PngInfo()
    about.add_text("Software", "a camera")
    rgb = Image.open(path).convert("RGB")
    rgb.save(path, pnginfo=about, dpi=(72, 72), exif=b"Exif\0\0MM\0*\0\0\0\x08\0\0\0\0\0\0")
    for _ in range(2):  # a picture that is known is no exception
        load_definition(TEXT, root)
        original = Original.objects.get(name="a.png")
        content = content_store.load(original.sha256)
        assert other_chunks(content) == []
        assert (original.sha256, original.size_bytes, original.crc32) == (
            hashlib.sha256(content).hexdigest(),
            len(content),
            zlib.crc32(content),
        )
        assert Image.open(io.BytesIO(content)).tobytes() == rgb.tobytes()
        assert "left out of what is served: tEXt, pHYs, eXIf" in caplog.text
        caplog.clear()
    sums = b"".join(DatasetZip(original.dataset).pieces(range(1 << 30)))
    assert f"{original.sha256}  a.png".encode() in sums


def test_a_wrong_crc_on_record_is_mended_even_under_submissions(root: Path) -> None:
    """As of a picture whose file was missing when CRCs came on record."""
    phase = load_definition(TEXT, root).phases.get()
    build_submission(phase)
    content_store.path(phase.originals()[0].sha256).unlink()
    Original.objects.update(crc32=0)
    load_definition(TEXT, root)
    for original in phase.originals():
        assert original.crc32 == zlib.crc32(content_store.load(original.sha256))
        whole = b"".join(DatasetZip(original.dataset).pieces(range(1 << 30)))
        assert zipfile.ZipFile(io.BytesIO(whole)).testzip() is None


def test_loading_again_changes_no_row(root: Path) -> None:
    load_definition(TEXT, root)
    before = list(Original.objects.values()), list(Phase.objects.values())
    load_definition(TEXT, root)
    assert (list(Original.objects.values()), list(Phase.objects.values())) == before
    assert Challenge.objects.get().calendar.count() == 1


def test_what_is_dumped_loads_to_the_same(root: Path) -> None:
    challenge = load_definition(TEXT, root)
    study = {"slug": "s", "question": 'Which "one"?'}
    text = challenge_toml(challenge, [study])
    assert "closes = 2018-04-22T23:59:59-08:00" in text
    assert parse(text).studies == (study,)
    assert challenge_toml(load_definition(text, root), [study]) == text


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
    assert refused.problems[0].endswith("leave as they are: M/d.png, P/a.png, P/b.png.")
    assert Original.objects.get(name="a.png").width == 40


def test_a_phase_with_submissions_can_not_be_dropped(root: Path) -> None:
    build_submission(load_definition(TEXT, root).phases.get())
    refused = refusal(TEXT.replace('slug = "test"', 'slug = "final"'), root)
    assert refused.problems == [
        "[[phase]] test: it has 1 submission; keep it in the file, with this slug."
    ]
    assert Phase.objects.get().slug == "test"


def test_a_phase_that_anything_hangs_on_can_not_be_dropped(root: Path) -> None:
    phase = load_definition(TEXT, root).phases.get()
    for number in range(2):
        Factsheet.objects.create(
            phase=phase,
            team=build_team(phase.challenge),
            size_bytes=1,
            sha256=f"{number}" * 64,
            received_at=NOW,
        )
    build_study(phase)
    renamed = TEXT.replace('slug = "test"', 'slug = "final"')
    (problem,) = refusal(renamed, root).problems
    assert problem.startswith("[[phase]] test: it has 2 factsheets, 1 study; keep it")
    assert Factsheet.objects.count() == 2


def test_a_deadline_may_be_moved_under_submissions(root: Path) -> None:
    build_submission(load_definition(TEXT, root).phases.get())
    challenge = load_definition(TEXT.replace("2018-04-22", "2018-04-23"), root)
    assert challenge.phases.get().closes_at.isoformat() == "2018-04-24T08:00:00+00:00"


def test_the_command_says_what_it_loaded() -> None:
    out = StringIO()
    fixture = Path(__file__).parents[2] / "fixtures" / "clic2018.toml"
    call_command("load_challenge", fixture, stdout=out)
    assert out.getvalue() == "Loaded clic2018: 2 phases, 6 data sets, 0 pictures, 1 studies.\n"


def test_the_command_takes_what_notepad_saves(root: Path) -> None:
    file = root / "marked.toml"
    file.write_text(TEXT, encoding="utf-8-sig", newline="\r\n")
    out = StringIO()
    call_command("load_challenge", file, stdout=out)
    assert out.getvalue().startswith("Loaded small: 1 phases, 2 data sets, 3 pictures")
    assert challenge_toml(Challenge.objects.get()) == challenge_toml(load_definition(TEXT, root))


def test_the_command_names_file_and_problems(tmp_path: Path) -> None:
    with pytest.raises(CommandError, match="can't be read"):
        call_command("load_challenge", tmp_path / "none.toml")
    (tmp_path / "bad.toml").write_bytes(b"\xff")
    with pytest.raises(CommandError, match="not loaded:\nThis is not UTF-8"):
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
    assert (first.elsewhere, final.elsewhere) == ("tell", "off")
    written = parse(challenge_toml(challenge))
    assert written.phases[1].decoders_from == "test"
    assert [phase.elsewhere for phase in written.phases] == ["tell", "off"]
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
    assert {announcement.text for announcement in challenge.announcements.all()} == {
        "Good speed.",
        "x",
    }
    load_definition(challenge_toml(challenge), root)  # holds both: neither is doubled
    assert sorted(announcement.title for announcement in challenge.announcements.all()) == [
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
    before, after = parse(text), parse(challenge_toml(challenge))
    assert after.datasets[0].opens == before.datasets[0].opens
    assert after.phases[0].factsheet_closes == before.phases[0].factsheet_closes
    assert after.phases[0].baselines == ("JPEG",)


def test_a_decoders_limits_are_loaded_and_written_out(root: Path) -> None:
    given = {"cpu_seconds": 100, "memory_bytes": 1 << 30, "scratch_bytes": 1 << 29}
    challenge = load_definition(
        TEXT
        + "limits = { cpu_seconds = 100, memory_bytes = 1073741824, scratch_bytes = 536870912 }\n",
        root,
    )
    limits = decoder_limits(challenge.phases.get().decoder_limits)
    assert (limits.cpu_seconds, limits.wall_seconds, limits.memory_bytes) == (100, 400, 1 << 30)
    assert limits.scratch_bytes == 1 << 29
    assert written(parse(challenge_toml(challenge)).phases[0].limits) == given
    assert decoder_limits({"cpu_seconds": 10**6}).wall_seconds == 72_000
    unset = decoder_limits({})
    assert (unset.cpu_seconds, unset.wall_seconds, unset.memory_bytes) == (3600, 14400, 8 << 30)
    assert unset.scratch_bytes == 256 << 20


def test_retention_is_what_the_definition_says_and_goes_with_it(root: Path) -> None:
    challenge = load_definition(TEXT, root)
    assert challenge.retention == {"failed_days": 90, "open_days": 0}
    assert "retention = {open_days = 0, failed_days = 90}" in challenge_toml(challenge)
    line = "retention = { failed_days = 90, open_days = 0 }\n"
    assert load_definition(TEXT.replace(line, ""), root).retention == {}


def test_pictures_deleted_while_they_are_read_are_not_loaded(
    root: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """What was stored once, and is due just now, may go between reading and loading."""
    started = Challenge.objects.count()

    def read_and_lose(folder: Path) -> list[Picture]:
        pictures = read_folder(folder)
        content_store.path(pictures[0].samples_sha256).unlink()
        return pictures

    monkeypatch.setattr("ratings.challenge.exchange.proposals.read_folder", read_and_lose)
    refused = refusal(TEXT, root)
    assert "deleted while the pictures were read" in refused.problems[0]
    assert Challenge.objects.count() == started
