"""Decoders, sent over REST, run by a real worker in the real sandbox, scored on the board."""

import json
import math
from collections.abc import Callable

import numpy as np
import pytest
from django.test import Client
from django.utils import timezone

from ratings.challenge.models import AuditEntry, Phase
from ratings.fidelity.psnr_board import psnr_board
from ratings.imaging.pixels import encode_png
from ratings.storage import content_store
from ratings.submissions.intake.quota import team_quota
from ratings.submissions.models import Submission
from tests.jobs.decoders import (
    COPY,
    MIB,
    SUBMISSIONS,
    act,
    bits_of,
    open_phase,
    organizer,
    send,
    shown,
    team,
    zipped,
)
from tests.jobs.workers import run_worker
from tests.sandbox.archives import zipped as archived
from tests.sandbox.builders import elf

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.usefixtures("decoding")]


def test_a_decoder_makes_the_pictures_that_are_scored() -> None:
    phase, xvc = open_phase(own_scores=True), team()
    address = send(xvc, phase, zipped(COPY))
    before = shown(xvc, address)
    assert (before["missing"], before["queue_position"]) == ([], 1)
    assert before["run"]["state"] == "waiting"
    run_worker()
    after = shown(xvc, address)
    assert (after["state"], after["problems"]) == ("scored", [])
    assert after["scores"]["psnr_db"] == "inf"
    assert after["log"] == "decoding a.bits\ndecoding b.bits\n"
    run = after["run"]
    assert (run["state"], run["attempt"], run["exit_code"]) == ("succeeded", 1, 0)
    assert run["outputs"].keys() == {"out/a.png", "out/b.png"}
    assert run["environment"]["pillow"] and run["processor"]
    (row,) = psnr_board(phase)
    assert math.isinf(row.psnr_db)
    assert row.decode_seconds == run["cpu_seconds"] > 0
    assert row.peak_memory_bytes == run["peak_memory_bytes"] > MIB


def test_pictures_that_were_sent_give_way_to_those_the_decoder_makes() -> None:
    black = COPY.replace("Image.open(bits).save(", 'Image.new("RGB", (8, 6)).save(')
    phase, xvc = open_phase(), team()
    fields = {"challenge": phase.challenge.slug, "phase": phase.slug, "method": "cheat"}
    begun = xvc.post(SUBMISSIONS, json.dumps(fields), "application/json").json()
    address = f"{SUBMISSIONS}{begun['id']}/"
    assert begun["missing"] == ["bitstreams/a", "bitstreams/b", "decoder"]
    for original in phase.originals():
        xvc.put(f"{address}decoded/{original.name}", bits_of(original), "image/png")
        xvc.put(f"{address}bitstreams/{original.stem}", b"bits", "application/octet-stream")
    xvc.put(f"{address}decoder", zipped(black.replace("*.bits", "?")), "application/octet-stream")
    assert xvc.post(f"{address}submit/").status_code == 200
    run_worker()
    (row,) = psnr_board(phase)
    assert row.psnr_db < 10


HARSH = {"cpu_seconds": 2, "wall_seconds": 600, "memory_bytes": 256 * MIB, "processes": 32}
HOSTILE = {
    "one missing": (
        COPY.replace("*.bits", "a.bits"),
        ["The decoder ran to its end and wrote 1 of 2 pictures.", "Missing image b.png"],
    ),
    "wrong size": (
        COPY.replace("Image.open(bits)", "Image.open(bits).resize((7, 6))"),
        ["a.png: "],
    ),
    "no picture": (
        "#!/bin/sh\nfor b in *.bits; do echo no > ${b%.bits}.png; done\n",
        ["a.png: "],
    ),
    "memory": (
        "#!/usr/bin/env python3\nheld = [b'x' * (1 << 20) for _ in range(1 << 12)]\n",
        ["The decoder was stopped at the memory limit of 256 MiB.", "Missing image a.png"],
    ),
    "failing": (
        "#!/bin/sh\necho broken table >&2\nexit 3\n",
        ["The decoder failed with exit code 3", "Missing image a.png. The same for 1 more"],
    ),
    "failing with what no database takes": (
        "#!/bin/sh\nprintf 'broken\\000 \\033[31mtable' >&2\nexit 3\n",
        [
            "The decoder failed with exit code 3; "
            'its last words: "broken   [31mtable". It wrote no PNG, nor any other file.'
        ],
    ),
    "printing for ever": (
        "#!/usr/bin/env python3\nwhile True: print('again ' * 1000)\n",
        ["The decoder was stopped at the CPU time limit of 2 s.", "Missing image a.png"],
    ),
    "twice": (
        COPY + 'Image.new("RGB", (8, 6)).save("a.png")\n',
        ["a.png: found 'a.png' and 'out/a.png', which differ; write one."],
    ),
}


@pytest.mark.parametrize("name", HOSTILE)
def test_every_problem_of_a_bad_decoder_is_told(name: str) -> None:
    program, problems = HOSTILE[name]
    phase, xvc = open_phase(decoder_limits=HARSH), team()
    address = send(xvc, phase, zipped(program))
    run_worker()
    after = shown(xvc, address)
    assert (after["state"], after["run"]["state"]) == ("failed", "failed")
    found = after["problems"]
    assert all(line.startswith(start) for line, start in zip(found, problems, strict=False)), found
    assert len(found) >= len(problems)
    assert psnr_board(phase) == []
    assert len(after["log"]) < 2 * MIB
    submission = Submission.objects.get()
    assert team_quota(phase, submission.team, timezone.now()).used_in_all == 1


def test_what_was_scored_is_run_again_and_compared() -> None:
    phase, xvc, staff = open_phase(), team(), organizer()
    address = send(xvc, phase, zipped(COPY))
    run_worker()
    scored = shown(xvc, address)["run"]
    assert act(staff, address, "run").status_code == 200
    run_worker()
    run = shown(staff, address)["run"]
    assert (run["compares"], run["reproduced"], run["state"]) == (True, True, "succeeded")
    Submission.objects.get().decoded_images.filter(original__name="b.png").update(
        sha256=content_store.store(encode_png(np.zeros((6, 8, 3), np.uint8)))
    )
    assert act(staff, address, "run").status_code == 200
    run_worker()
    run = shown(staff, address)["run"]
    assert (run["reproduced"], run["state"]) == (False, "succeeded")
    (row,) = psnr_board(phase)
    assert row.decode_seconds == scored["cpu_seconds"]
    assert "1 of 2 pictures differ" in run["verdict"] and "b.png" in run["verdict"]
    assert AuditEntry.objects.filter(kind=AuditEntry.Kind.RUN).count() == 2


def begin(client: Client, phase: Phase) -> str:
    """Begin a submission; return its address."""
    fields = {"challenge": phase.challenge.slug, "phase": phase.slug, "method": "copy"}
    begun = client.post(SUBMISSIONS, json.dumps(fields), "application/json").json()
    return f"{SUBMISSIONS}{begun['id']}/"


@pytest.mark.parametrize("pack", [str.encode, zipped])
@pytest.mark.parametrize("line", ["#!/usr/bin/pyhton3", "#!/usr/bin/env pyhton3"])
def test_an_interpreter_that_is_not_there_is_told_on_arrival(
    line: str, pack: Callable[[str], bytes]
) -> None:
    phase, xvc = open_phase(submissions_per_day=1), team()
    program = pack(f"{line}\nimport numpy\n")
    answer = xvc.put(f"{begin(xvc, phase)}decoder", program, "application/octet-stream")
    assert answer.status_code == 422
    (error,) = answer.json()["errors"]
    assert "pyhton3', and where decoders run there is no such program" in error["detail"]


def test_what_never_started_takes_nothing_from_the_quota() -> None:
    """Its head is a program's, and the rest none: only Linux knows."""
    phase, xvc = open_phase(submissions_per_day=1), team()
    address = send(xvc, phase, archived([("decode", elf())]))
    run_worker()
    after = shown(xvc, address)
    assert after["state"] == "failed"
    assert after["problems"][0].startswith("The decoder did not start: decode could not be ")
    submission = Submission.objects.get()
    assert (submission.never_ran, submission.failed_by_server) == (True, False)
    assert team_quota(phase, submission.team, timezone.now()).used_in_all == 0
    assert act(organizer(), address, "run").status_code == 200
    submission.refresh_from_db()
    assert not submission.never_ran


def test_what_was_mended_is_told_and_kept() -> None:
    phase, xvc = open_phase(), team()
    windows = zipped(COPY.replace("\n", "\r\n"))
    notes = [
        "decode had the line ends of Windows; they were changed.",
        "decode was not marked as executable; that was mended.",
    ]
    address = send(xvc, phase, windows)
    assert shown(xvc, address)["notes"] == notes
    run_worker()
    after = shown(xvc, address)
    assert (after["state"], after["notes"]) == ("scored", notes)
    assert after["log"] == "decoding a.bits\ndecoding b.bits\n"
    other = begin(xvc, phase)
    for outcome in ("created", "unchanged"):
        answer = xvc.put(f"{other}decoder", windows, "application/octet-stream").json()
        assert (answer["outcome"], answer["notes"]) == (outcome, notes)
    answer = xvc.put(f"{other}decoder", COPY, "application/octet-stream").json()
    assert (answer["outcome"], answer["notes"]) == ("replaced", [])
    assert shown(xvc, other)["notes"] == []
