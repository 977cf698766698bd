"""Baselines as ordinary submissions: within the budget, marked, once, with a decoder."""

from io import StringIO

import pytest
from django.core.management import CommandError, call_command

from ratings.challenge.models import Phase
from ratings.submissions.closing import progress
from ratings.submissions.models import Submission
from tests.builders import build_dataset, build_original, build_phase
from tests.codecs.test_baselines import PICTURES

pytestmark = pytest.mark.django_db
BUDGET = 9000


def build_photo_phase(**fields: object) -> Phase:
    """Save a phase of pictures that codecs can compress."""
    dataset = build_dataset()
    for name, rgb in PICTURES.items():
        build_original(dataset, rgb, name=name)
    return build_phase(dataset.challenge, datasets=[dataset], **({"byte_budget": BUDGET} | fields))


def make(phase: Phase | str, *options: str) -> str:
    out = StringIO()
    name = phase if isinstance(phase, str) else f"{phase.challenge.slug}/{phase.slug}"
    call_command("make_baselines", name, *options, stdout=out)
    return out.getvalue()


def test_each_codec_is_entered_as_a_baseline_within_the_budget() -> None:
    phase = build_photo_phase(decoder_rule="required", submissions_per_day=1)
    make(phase, "--codec", "JPEG", "--codec", "WebP", "--codec", "JPEG 2000")
    entered = list(phase.submissions.order_by("method"))
    assert [one.method for one in entered] == ["JPEG", "JPEG 2000", "WebP"]
    for one in entered:
        assert (one.state, one.team.kind) == (Submission.State.QUEUED, "baseline")
        assert progress(one).problems == []
        assert 0.9 * BUDGET < progress(one).size_bytes <= BUDGET
        assert one.decoder.size_bytes > 0


def test_what_is_entered_is_made_again_only_when_asked() -> None:
    phase = build_photo_phase(baselines=["JPEG"])
    assert "queued" in make(phase)
    assert "entered already" in make(phase)
    assert phase.submissions.count() == 1
    make(phase, "--again")
    assert sorted(one.state for one in phase.submissions.all()) == ["queued", "superseded"]


def test_what_does_not_fit_or_is_not_installed_is_left_out(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr("ratings.codecs.baselines.find_spec", lambda package: None)
    phase = build_photo_phase(byte_budget=100, baselines=["JPEG", "JPEG XL"])
    said = make(phase)
    assert "JPEG: left out. The smallest files together take" in said
    assert "JPEG XL: its package is not installed" in said
    assert not phase.submissions.exists()


def test_a_phase_needs_a_budget_and_pictures() -> None:
    for phase in (
        build_photo_phase(byte_budget=None),
        build_phase(datasets=[build_dataset()], byte_budget=5),
    ):
        with pytest.raises(CommandError, match="needs a byte budget and pictures"):
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
