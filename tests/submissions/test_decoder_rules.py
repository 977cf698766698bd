"""What is said of a decoder before it runs, and which decoders a team may use."""

import io
import zipfile
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest

from ratings.challenge.models import AuditEntry, Phase, Team
from ratings.challenge.refusals import Refused
from ratings.sandbox.decoders.unpacking import unpack
from ratings.sandbox.sandbox_errors import FileRefused
from ratings.submissions.intake.closing import progress_of_submission, submit
from ratings.submissions.intake.decoder_rules import check_decoder
from ratings.submissions.models import Submission
from ratings.submissions.rulings.overrides import register_decoder
from tests.builders import (
    CLOSES,
    NOW,
    build_bitstream,
    build_challenge,
    build_decoder,
    build_phase,
    build_submission,
    build_team,
)
from tests.sandbox.builders import elf

SCRIPT = b"#!/usr/bin/env python3\nprint()\n"
DAY = timedelta(days=1)


def zipped(*members: tuple[str, bytes]) -> bytes:
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, content in members:
            archive.writestr(name, content)
    return buffer.getvalue()


def complaint(tmp_path: Path, content: bytes) -> str:
    """Return what is said against a decoder; "" where it is taken."""
    path = tmp_path / "decoder"
    path.write_bytes(content)
    try:
        check_decoder(path)
    except Refused as refused:
        return str(refused)
    return ""


@pytest.mark.parametrize(
    "content",
    [
        SCRIPT,
        b"#!/bin/sh",
        b"#! /bin/sh -e\necho",
        b"#!/usr/bin/python3\r\nprint()\r\n",
        b"\xef\xbb\xbf#!/bin/sh\n",
        Path("/bin/true").read_bytes(),
        zipped(("decode", SCRIPT), ("model/weights.bin", bytes(100))),
        zipped(("lib/decode", b"x"), ("decode", SCRIPT), ("__MACOSX/._decode", b"x")),
    ],
)
def test_what_linux_can_start_is_taken(tmp_path: Path, content: bytes) -> None:
    assert complaint(tmp_path, content) == ""


@pytest.mark.parametrize(
    "content",
    [
        b"",
        b"import numpy\n",
        b"#!\necho\n",
        b"MZ\x90\0",
        b"\x7fELF\x02\x01\x01",
        elf(machine=999),
        b"PK\3\4 and no more",
        zipped(("decode", b"MZ\x90\0")),
        zipped(("decode", b"")),
        zipped(("team/decode", SCRIPT)),
        zipped(("decode.py", SCRIPT)),
        zipped(("main.py", SCRIPT)),
        zipped(("decode/", b""), ("decode/main", SCRIPT)),
        zipped(("../decode", SCRIPT)),
        zipped(("decode", SCRIPT), ("decode/a", SCRIPT), ("n" * 256, b"x")),
    ],
)
def test_what_would_not_start_is_refused_in_the_sandboxs_words(
    tmp_path: Path, content: bytes
) -> None:
    """What is said when it arrives is what would be said when it is unpacked to run."""
    said = complaint(tmp_path, content)
    with pytest.raises(FileRefused) as refused:
        unpack(tmp_path / "decoder", tmp_path)
    assert said == str(refused.value) != ""


@pytest.mark.parametrize("content", [zipped(("decode", SCRIPT), ("zeros", bytes(99))), bytes(99)])
def test_what_has_too_much_is_refused(
    tmp_path: Path, content: bytes, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("ratings.sandbox.decoders.unpacking.MOST_BYTES", 98)
    assert "more than 98 bytes" in complaint(tmp_path, content)


def test_nested_programs_are_read_no_further_than_their_first_line(tmp_path: Path) -> None:
    assert complaint(tmp_path, zipped(("decode", SCRIPT + bytes(10 << 20)))) == ""


pytestmark = pytest.mark.django_db


def build_test_phase(**fields: Any) -> Phase:
    """Save a test phase that is open at NOW, after a validation phase that has closed."""
    challenge = build_challenge()
    earlier = build_phase(
        challenge, name="Validation", opens_at=NOW - 9 * DAY, closes_at=NOW - 2 * DAY
    )
    rule = Phase.DecoderRule.REGISTERED
    return build_phase(challenge, decoder_rule=rule, decoders_from=earlier, **fields)


def earlier_decoder(phase: Phase, team: Team, content: bytes, **fields: Any) -> Submission:
    """Save a validation submission with this decoder."""
    assert phase.decoders_from is not None
    at = {"submitted_at": phase.decoders_from.closes_at - timedelta(microseconds=1)}
    submission = build_submission(phase.decoders_from, team, **(at | fields))
    build_decoder(submission, content)
    return submission


def against(phase: Phase, team: Team, content: bytes) -> list[str]:
    """Return what stands against a submission to the test phase with this decoder."""
    submission = build_submission(phase, team)
    for original in phase.originals():
        build_bitstream(submission, original)
    build_decoder(submission, content)
    return progress_of_submission(submission).problems


def test_a_required_decoder_is_missing_until_it_is_there() -> None:
    submission = build_submission(build_phase(names=["a.png"], decoder_rule="required"))
    build_bitstream(submission, submission.phase.originals()[0])
    assert progress_of_submission(submission).problems == ["Missing decoder"]
    assert progress_of_submission(submission).missing == ["decoder"]
    build_decoder(submission)
    assert progress_of_submission(submission).problems == []


def test_the_test_phase_takes_the_very_bytes_of_the_validation_phase() -> None:
    phase = build_test_phase()
    team = build_team(phase.challenge)
    earlier_decoder(phase, team, SCRIPT, method="small")
    earlier_decoder(phase, team, SCRIPT + b"2", method="large", state=Submission.State.FAILED)
    assert against(phase, team, SCRIPT) == against(phase, team, SCRIPT + b"2") == []
    (problem,) = against(phase, team, SCRIPT + b"3")
    assert "none of those" in problem and "(small)" in problem and "(large)" in problem
    assert "by 2018-04-08T11:59:59+00:00" in problem


@pytest.mark.parametrize(
    "fields",
    [
        {"submitted_at": None},  # begun, and never closed
        {"submitted_at": NOW - 2 * DAY},  # the first instant that is late
    ],
)
def test_a_decoder_that_was_not_submitted_in_time_does_not_count(fields: dict[str, object]) -> None:
    phase = build_test_phase()
    team = build_team(phase.challenge)
    earlier_decoder(phase, team, SCRIPT, **fields)
    (problem,) = against(phase, team, SCRIPT)
    assert "there are none" in problem


def test_another_teams_decoder_does_not_count() -> None:
    phase = build_test_phase()
    earlier_decoder(phase, build_team(phase.challenge), SCRIPT)
    assert against(phase, build_team(phase.challenge), SCRIPT)


def test_an_organizer_may_register_one_by_hand_on_record() -> None:
    phase = build_test_phase()
    team = build_team(phase.challenge, name="xvc")
    submission = build_submission(phase, team)
    sha256 = build_decoder(submission, SCRIPT).sha256
    for _ in range(2):
        register_decoder(phase, team, sha256, NOW, note="Their disk broke.", by="ann")
    for original in phase.originals():
        build_bitstream(submission, original)
    assert submit(submission.pk, NOW)
    entry = AuditEntry.objects.get()
    assert (entry.kind, entry.by, entry.note, entry.at) == (
        "decoder",
        "ann",
        "Their disk broke.",
        NOW,
    )
    assert sha256 in entry.subject and entry.team == team


@pytest.mark.parametrize(
    ("sha256", "note", "code"),
    [("0" * 63, "why", "decoder"), ("A" * 64, "why", "decoder"), ("0" * 64, "  ", "note")],
)
def test_registering_needs_a_digest_and_a_reason(sha256: str, note: str, code: str) -> None:
    phase = build_test_phase()
    team = build_team(phase.challenge)
    with pytest.raises(Refused) as refused:
        register_decoder(phase, team, sha256, NOW, note=note, by="ann")
    assert refused.value.code == code
    assert not AuditEntry.objects.exists()


def test_where_any_decoder_is_taken_there_is_nothing_to_register() -> None:
    phase = build_phase()
    with pytest.raises(Refused, match="nothing to register"):
        register_decoder(phase, build_team(phase.challenge), "0" * 64, NOW, note="n", by="ann")


def test_baselines_need_no_decoder() -> None:
    phase = build_test_phase(closes_at=CLOSES)
    submission = build_submission(phase, build_team(phase.challenge, kind="baseline"))
    assert "Missing decoder" not in progress_of_submission(submission).problems
