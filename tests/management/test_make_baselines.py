"""Baselines as ordinary submissions: within the budget, marked, once, with a decoder."""

from io import StringIO

import pytest
from django.core.management import CommandError, call_command

from ratings.challenge.models import Phase
from ratings.submissions.intake.closing import progress_of_submission
from ratings.submissions.models import Submission
from tests.builders import build_dataset, build_original, build_phase, build_team
from tests.codecs.phases import BUDGET, build_photo_phase
from tests.codecs.pictures import PICTURES

pytestmark = pytest.mark.django_db


def make(phase: Phase | str, *options: str) -> str:
    out = StringIO()
    name = phase if isinstance(phase, str) else f"{phase.challenge.slug}/{phase.slug}"
    call_command("make_baselines", name, *options, stdout=out)
    return out.getvalue()


def test_each_codec_is_entered_as_a_baseline_within_the_budget() -> None:
    phase = build_photo_phase(decoder_rule="required", submissions_per_day=1)
    make(phase, "--codec", "JPEG", "--codec", "WebP", "--codec", "JPEG 2000")
    entered = list(phase.submissions.order_by("method"))
    assert [submission.method for submission in entered] == ["JPEG", "JPEG 2000", "WebP"]
    for submission in entered:
        assert (submission.state, submission.team.kind) == (Submission.State.QUEUED, "baseline")
        assert progress_of_submission(submission).problems == []
        assert 0.9 * BUDGET < progress_of_submission(submission).size_bytes <= BUDGET
        assert submission.decoder.size_bytes > 0


def test_what_is_entered_is_made_again_only_when_asked() -> None:
    phase = build_photo_phase(baselines=["JPEG"])
    assert "queued" in make(phase)
    assert "entered already" in make(phase)
    assert phase.submissions.count() == 1
    make(phase, "--again")
    assert sorted(submission.state for submission in phase.submissions.all()) == [
        "queued",
        "superseded",
    ]


def test_what_does_not_fit_or_is_not_installed_is_left_out(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr("ratings.codecs.baselines.find_spec", lambda package: None)
    phase = build_photo_phase(byte_budget=100, baselines=["JPEG", "JPEG XL"])
    said = make(phase)
    assert "JPEG: left out. The smallest files together take" in said
    assert "JPEG XL: its package pillow-jxl-plugin is not installed here; left out" in said
    assert not phase.submissions.exists()


def test_a_name_that_a_team_has_stops_no_other_codec_and_is_said_at_the_end() -> None:
    phase = build_photo_phase()
    build_team(phase.challenge, name="webp")
    with pytest.raises(CommandError, match=r"WebP: not made\. The team 'webp' exists") as refused:
        make(phase, "--codec", "WebP", "--codec", "JPEG")
    assert "JPEG" not in str(refused.value)
    assert [submission.method for submission in phase.submissions.all()] == ["JPEG"]


def test_nothing_stays_of_a_codec_that_is_refused_half_way() -> None:
    phase = build_photo_phase()
    (dataset,) = phase.datasets.all()
    first = phase.originals()[0]
    # A bitstream for the one may be called like one for the other.
    build_original(dataset, PICTURES[first.name], name=f"{first.stem}.jpg.png")
    with pytest.raises(CommandError, match="JPEG: not made"):
        make(phase, "--codec", "JPEG")
    assert not phase.submissions.exists()


def test_a_phase_needs_a_budget_and_pictures() -> None:
    for phase, lack in (
        (build_photo_phase(byte_budget=None), "no byte budget"),
        (build_phase(datasets=[build_dataset()], byte_budget=5), "no pictures yet"),
    ):
        with pytest.raises(CommandError, match=lack):
            make(phase)


def test_a_phase_is_named_alone_where_that_is_clear() -> None:
    first = build_photo_phase(slug="test", byte_budget=100)
    assert "left out" in make("test", "--codec", "JPEG")
    second = build_phase(slug="test")
    with pytest.raises(CommandError, match="several phases 'test'") as refused:
        make("test")
    for phase in (first, second):
        assert f"{phase.challenge.slug}/test" in str(refused.value)
    with pytest.raises(CommandError, match="no phase 'nothing/test'"):
        make("nothing/test")
