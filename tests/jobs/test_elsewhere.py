"""Decoders run in another arithmetic once they are scored: what is told, and what follows."""

from typing import Any

import pytest
from django.test import Client
from django.utils import timezone
from django.utils.html import escape

from ratings.challenge.models import AuditEntry, Original, Phase
from ratings.fidelity.psnr_board import psnr_board
from ratings.jobs import submission_actions
from ratings.jobs.elsewhere_tasks import rule_elsewhere
from ratings.submissions.models import Run, Submission
from ratings.submissions.rulings.elsewhere_rule import BY_RULE
from tests.builders import build_dataset, build_original
from tests.jobs.decoders import COPY, open_phase, send, shown, team, zipped
from tests.jobs.workers import defer, run_worker
from tests.sandbox import learned_toy
from tests.sandbox.processors import require_processor
from tests.web.pages import address, page, sign_in

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.usefixtures("decoding")]
# What a decoder of the usual world makes, and what one makes that sees another one.
LOSSY = COPY.replace("Image.open(bits)", "Image.open(bits).rotate(180)")
TELLTALE = f"""{LOSSY}
import os
if "ATEN_CPU_CAPABILITY" in os.environ:
    picture = Image.open("out/a.png")
    CHANGE
"""


def telltale(change: str) -> bytes:
    return zipped(TELLTALE.replace("CHANGE", change))


def toy_phase(elsewhere: str) -> Phase:
    dataset = build_dataset()
    build_original(dataset, learned_toy.picture(learned_toy.SAMPLES), name="a.png")
    return open_phase(challenge=dataset.challenge, datasets=[dataset], elsewhere=elsewhere)


def send_toy(phase: Phase, floats: bool) -> dict[str, Any]:
    """Send the toy and have it scored; return the submission as its team sees it."""

    def bits(_: Original) -> bytes:
        return learned_toy.encode(learned_toy.SAMPLES, floats)

    xvc = team()
    sent = send(xvc, phase, zipped(learned_toy.toy_decoder(floats)), bits)
    run_worker()
    return shown(xvc, sent)


def test_a_float_coded_decoder_is_told_of_and_leaves_the_board_where_it_is_required() -> None:
    require_processor("avx2", "fma")
    phase = toy_phase("require")
    told = send_toy(phase, floats=True)
    assert (told["state"], told["run"]["state"]) == ("scored", "succeeded")
    elsewhere = told["elsewhere"]
    assert (elsewhere["state"], elsewhere["world"]) == ("failed", "elsewhere")
    assert elsewhere["verdict"].startswith("Broken elsewhere: of 1 pictures tried with the ")
    assert "Use integers there" in elsewhere["verdict"]
    (picture,) = elsewhere["pictures"]
    assert (picture["picture"], picture["outcome"]) == ("a.png", "broken")
    assert picture["levels"] > 100 and " dB apart" in picture["why"]
    assert len(psnr_board(phase)) == 1

    submission, browser = Submission.objects.get(), Client()
    assert sign_in(browser, phase, name="xvc") == 302
    html = page(browser, address(phase, f"submissions/{submission.pk}/"))
    assert f'<p class="verdict">{escape(elsewhere["verdict"])}</p>' in html
    assert '<span class="tag">elsewhere</span>' in html

    defer(rule_elsewhere)
    run_worker()
    submission.refresh_from_db()
    assert psnr_board(phase) == []
    assert (submission.exclusion, submission.exclusion_reason) == (
        "disqualified",
        elsewhere["verdict"],
    )
    assert AuditEntry.objects.get(kind=AuditEntry.Kind.DISQUALIFY).by == BY_RULE
    submission_actions.readmit(submission.pk, timezone.now(), note="Our fault.", by="ann")
    defer(rule_elsewhere)
    run_worker()
    assert len(psnr_board(phase)) == 1


def test_an_integer_coded_decoder_passes() -> None:
    phase = toy_phase("require")
    elsewhere = send_toy(phase, floats=False)["elsewhere"]
    assert elsewhere["state"] == "succeeded", elsewhere
    assert elsewhere["verdict"].endswith(" all come again, bit for bit.")
    assert elsewhere["pictures"] == [
        {"picture": "a.png", "outcome": "equal", "why": "", "levels": 0}
    ]
    defer(rule_elsewhere)
    run_worker()
    assert len(psnr_board(phase)) == 1
    run = Run.objects.get(world="elsewhere")
    assert (run.reproduced, run.environment["world"]) == (True, "elsewhere")


@pytest.mark.parametrize("shows_scores", [True, False])
def test_rounding_is_told_and_not_punished_and_tells_nothing_of_hidden_scores(
    shows_scores: bool,
) -> None:
    change = "picture.putpixel((0, 0), tuple(v ^ 1 for v in picture.getpixel((0, 0)))); "
    phase, xvc = open_phase(elsewhere="require", own_scores=shows_scores), team()
    sent = send(xvc, phase, telltale(change + 'picture.save("out/a.png")'))
    run_worker()
    elsewhere = shown(xvc, sent)["elsewhere"]
    assert elsewhere["state"] == "succeeded"
    verdict = elsewhere["verdict"]
    assert verdict.startswith("Decodes elsewhere, but for rounding: of 2 pictures tried ")
    assert "1 differ, by at most 1 of 255" in verdict
    assert ("PSNR moves by" in verdict) == shows_scores
    assert [one["outcome"] for one in elsewhere["pictures"]] == ["close", "equal"]
    defer(rule_elsewhere)
    run_worker()
    assert Submission.objects.get().exclusion == ""


def test_what_is_missing_or_no_picture_elsewhere_is_broken_by_name() -> None:
    change = """
    os.remove("out/a.png")
    picture.resize((7, 6)).save("out/b.png")
    open("out/c.png", "w").write("no picture")
"""
    names = ("a.png", "b.png", "c.png", "d.png")
    phase, xvc = open_phase(names=names, elsewhere="tell"), team()
    sent = send(xvc, phase, telltale(change))
    run_worker()
    after = shown(xvc, sent)
    told = after["elsewhere"]["pictures"]
    assert [one["outcome"] for one in told] == ["broken", "broken", "broken", "equal"]
    assert [one["levels"] for one in told] == [None, None, None, 0]
    assert all(one["why"].startswith(one["picture"]) for one in told[1:3])
    assert "a.png" in told[0]["why"] and told[0]["why"] in after["elsewhere"]["verdict"]
    defer(rule_elsewhere)
    run_worker()
    assert (after["state"], Submission.objects.get().exclusion) == ("scored", "")


def test_what_meets_a_limit_elsewhere_or_has_another_numpy_is_held_against_nobody() -> None:
    phase, xvc = open_phase(elsewhere="require"), team()
    refused = "sys.exit(\"RuntimeError: 'NPY_DISABLE_CPU_FEATURES': part of the baseline\")"
    for change, words in (
        ("held = [b'x' * (1 << 20) for _ in range(1 << 12)]", "stopped at the memory limit"),
        (f"import sys; os.remove('out/a.png'); {refused}", "built for newer processors alone"),
    ):
        sent = send(xvc, phase, telltale(change))
        run_worker()
        elsewhere = shown(xvc, sent)["elsewhere"]
        assert (elsewhere["state"], elsewhere["pictures"]) == ("stopped", None)
        assert elsewhere["verdict"].startswith("It can't be told") and words in elsewhere["verdict"]
    defer(rule_elsewhere)
    run_worker()
    assert not Submission.objects.exclude(exclusion="").exists()
