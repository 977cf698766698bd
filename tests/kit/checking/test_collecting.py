"""The home check takes as many bytes of outputs as the server does, and says so in its words."""

import os
from dataclasses import replace
from pathlib import Path

import collecting
import pytest

from ratings.challenge.limits import decoder_limits
from ratings.sandbox.collecting import collect

MIB = 1 << 20


def test_room_is_what_the_server_gives_where_a_phase_sets_nothing() -> None:
    assert decoder_limits({}).work_bytes == collecting.WORK_BYTES
    assert decoder_limits({}).output_bytes == collecting.MOST_OUTPUT_BYTES


def test_holes_take_room_too(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    limits = replace(decoder_limits({}), work_bytes=3 * MIB)
    monkeypatch.setattr(collecting, "WORK_BYTES", limits.work_bytes)
    (tmp_path / "work").mkdir()
    for name, size in {"a": MIB, "b": 2 * MIB - 1, "c": 2, "d": 1}.items():
        with (tmp_path / "work" / f"{name}.png").open("wb") as file:
            file.truncate(size)
    (tmp_path / "into").mkdir()
    folder = os.open(tmp_path / "work", os.O_RDONLY)
    on_server = collect(folder, tmp_path / "into", limits)
    os.close(folder)
    at_home = collecting.collect(tmp_path / "work", ())
    assert at_home.left_out == on_server.left_out != []
    assert list(at_home.outputs) == list(on_server.outputs) == ["a.png", "b.png", "d.png"]
