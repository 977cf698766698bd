"""Decoders, sent over REST, run by a real worker in the real sandbox, scored on the board."""

import json
import math

import pytest
from django.utils import timezone

from ratings.challenge import files
from ratings.challenge.models import Act
from ratings.fidelity.board import psnr_board
from ratings.imaging.pixels import encode_png
from ratings.submissions.models import Submission
from ratings.submissions.quota import team_quota
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
from tests.jobs.test_tasks import run_worker

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
        ["Missing image b.png: the decoder ended by itself."],
    ),
    "wrong size": (
        COPY.replace("Image.open(bits)", "Image.open(bits).resize((7, 6))"),
        ["a.png: ", "b.png: "],
    ),
    "no picture": (
        "#!/bin/sh\nfor b in *.bits; do echo no > ${b%.bits}.png; done\n",
        ["a.png: ", "b.png: "],
    ),
    "memory": (
        "#!/usr/bin/env python3\nheld = [b'x' * (1 << 20) for _ in range(1 << 12)]\n",
        ["The decoder was stopped at the memory limit of 256 MiB.", "Missing image a.png: the "],
    ),
    "failing": (
        "#!/bin/sh\necho broken table >&2\nexit 3\n",
        ["Missing image a.png: the decoder failed with exit code 3"],
    ),
    "failing with what no database takes": (
        "#!/bin/sh\nprintf 'broken\\000 \\033[31mtable' >&2\nexit 3\n",
        [
            "Missing image a.png: the decoder failed with exit code 3; "
            'its last words: "broken   [31mtable".'
        ],
    ),
    "printing for ever": (
        "#!/usr/bin/env python3\nwhile True: print('again ' * 1000)\n",
        ["The decoder was stopped at the CPU time limit of 2 s.", "Missing image a.png: the "],
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
        sha256=files.store(encode_png(files.load_samples(_black(), width=8, height=6)))
    )
    assert act(staff, address, "run").status_code == 200
    run_worker()
    run = shown(staff, address)["run"]
    assert (run["reproduced"], run["state"]) == (False, "succeeded")
    (row,) = psnr_board(phase)
    assert row.decode_seconds == scored["cpu_seconds"]
    assert "1 of 2 pictures differ" in run["verdict"] and "b.png" in run["verdict"]
    assert Act.objects.filter(kind=Act.Kind.RUN).count() == 2


def _black() -> str:
    return files.store(bytes(8 * 6 * 3))
