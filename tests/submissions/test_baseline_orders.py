"""Baselines that are asked for: what can be had, each to its end or stopped, nothing half done."""

from collections.abc import Callable

import pytest
from django.utils import timezone

from ratings.challenge.models import AuditEntry, Phase
from ratings.challenge.refusals import Refused
from ratings.submissions.intake import baseline_orders, ingest
from ratings.submissions.intake.baseline_entries import STEPS
from ratings.submissions.intake.baseline_orders import (
    ask_for_baselines,
    baseline_lines,
    carry_out,
    stop_baselines,
)
from ratings.submissions.models import BaselineOrder, Submission
from tests.builders import build_dataset, build_phase, build_team
from tests.codecs.phases import build_photo_phase
from tests.codecs.pictures import PICTURES

pytestmark = pytest.mark.django_db


@pytest.fixture
def phase() -> Phase:
    return build_photo_phase()


def ask(phase: Phase, *names: str, again: bool = False) -> list[BaselineOrder]:
    return ask_for_baselines(phase, names, "Ada", timezone.now(), again=again)


def make(order: BaselineOrder) -> list[Submission]:
    """Make what was asked for, and return what was queued for scoring."""
    queued: list[Submission] = []
    carry_out(order.pk, timezone.now, queued.append)
    order.refresh_from_db()
    return queued


def when(phase: Phase, done: int, act: Callable[[], object]) -> Callable[..., None]:
    """Return a step that acts when so many are done."""
    go_on = baseline_orders._go_on

    def step(order: BaselineOrder, **fields: object) -> None:
        if "done" in fields and phase.baseline_orders.get(pk=order.pk).done == done:
            act()
        go_on(order, **fields)

    return step


def against(phase: Phase, *names: str) -> list[str]:
    with pytest.raises(Refused) as refused:
        ask(phase, *names)
    assert refused.value.code == "baseline"
    return refused.value.problems


def test_it_is_made_step_by_step_and_queued_once(phase: Phase) -> None:
    (order,) = ask(phase, "JPEG")
    assert (order.state, order.steps) == ("waiting", STEPS * len(PICTURES))
    (submission,) = make(order)
    assert (order.state, order.done) == ("entered", order.steps)
    assert "of 9000 bytes" in order.words and order.submission == submission
    submission.refresh_from_db()
    assert submission.state == "queued" and submission.team.is_baseline
    assert make(order) == []  # as where its worker died after the end
    line = baseline_lines(phase)[0]
    assert (line.codec, line.entered, line.against) == ("JPEG", submission, "")


def test_what_is_there_is_made_anew_only_when_asked(phase: Phase) -> None:
    make(*ask(phase, "JPEG"))
    assert against(phase, "JPEG") == ["JPEG: it is entered already; ask for it to be made again."]
    make(*ask(phase, "JPEG", again=True))
    states = sorted(phase.submissions.values_list("state", flat=True))
    assert states == ["queued", "superseded"]


def test_all_that_stands_against_it_is_said_and_nothing_begins(
    phase: Phase, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("ratings.codecs.baselines.find_spec", lambda package: None)
    build_team(phase.challenge, name="webp")
    problems = against(phase, "JPEG", "WebP", "JPEG XL", "VVC")
    assert len(problems) == 3
    assert problems[0].startswith("WebP: The team 'webp' exists already")
    assert problems[1] == "JPEG XL: its package pillow-jxl-plugin is not installed here"
    assert problems[2].startswith("'VVC' is no codec that is known here")
    assert against(phase) == ["Choose a codec."]
    assert not phase.baseline_orders.exists() and not AuditEntry.objects.exists()


def test_a_phase_needs_a_budget_and_pictures_first() -> None:
    (problem,) = against(build_photo_phase(byte_budget=None), "JPEG")
    assert problem.endswith("has no byte budget: its definition sets max_bpp or byte_budget.")
    (problem,) = against(build_phase(datasets=[build_dataset()], byte_budget=5), "JPEG")
    assert problem.endswith("has no pictures yet: add them to its data sets.")


def test_a_budget_that_is_too_small_is_said_of_the_codec() -> None:
    phase = build_photo_phase(byte_budget=100)
    (order,) = ask(phase, "JPEG")
    assert make(order) == []
    assert order.state == "failed" and "The smallest files together take" in order.words
    assert not phase.submissions.exists()


@pytest.mark.parametrize("done", [1, STEPS * len(PICTURES) - 1])
def test_one_that_is_stopped_leaves_nothing(
    phase: Phase, done: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    (order,) = ask(phase, "JPEG")

    def stop() -> None:
        assert stop_baselines(phase, ["JPEG", "WebP"], "Bea", timezone.now()) == ["JPEG"]

    monkeypatch.setattr(baseline_orders, "_go_on", when(phase, done, stop))
    assert make(order) == []
    assert (order.state, order.words, order.done) == ("stopped", "Stopped by Bea.", done)
    assert not phase.submissions.exists()
    assert stop_baselines(phase, ["JPEG"], "Bea", timezone.now()) == []
    told = AuditEntry.objects.values_list("kind", "by", "subject").order_by("pk")
    subject = f"{phase.name}: JPEG"
    assert list(told) == [("baseline", "Ada", subject), ("no-baseline", "Bea", subject)]


def test_what_was_asked_for_anew_is_not_taken_for_the_one_that_was_stopped(
    phase: Phase, monkeypatch: pytest.MonkeyPatch
) -> None:
    (order,) = ask(phase, "JPEG")

    def stop_and_ask() -> None:
        stop_baselines(phase, ["JPEG"], "Bea", timezone.now())
        ask(phase, "JPEG")

    monkeypatch.setattr(baseline_orders, "_go_on", when(phase, 1, stop_and_ask))
    assert make(order) == []
    assert (order.state, order.done) == ("waiting", 0)


def test_after_its_worker_was_killed_it_begins_again(phase: Phase) -> None:
    (order,) = ask(phase, "JPEG")
    team = build_team(phase.challenge, name="JPEG", kind="baseline")
    left = ingest.begin_submission(phase, team, "JPEG", timezone.now())
    phase.baseline_orders.update(state="making", begun_at=timezone.now(), done=5, submission=left)
    (submission,) = make(order)
    assert phase.submissions.get() == submission != left
    assert order.done == order.steps


def test_a_fault_of_the_server_ends_it_in_words(
    phase: Phase, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    def fail(*_: object) -> None:
        raise OSError("a secret folder")

    monkeypatch.setattr("ratings.submissions.intake.baseline_entries.encode_png", fail)
    (order,) = ask(phase, "JPEG")
    assert make(order) == []
    assert (order.state, order.words) == ("failed", baseline_orders.FAILED)
    assert "a secret folder" in caplog.text
    assert not phase.submissions.exists()
