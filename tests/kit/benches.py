"""One entry, sent to the server and checked at home, where the same is to be said."""

import os
import re
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from unittest.mock import patch

import pytest

from ratings.challenge.models import Phase
from ratings.kit.checking.home_check import main
from ratings.sandbox.sandboxes import MeteredSandbox
from ratings.storage import content_store
from tests.kit.server import Answer, serve
from tests.waiting import PATIENCE_SECONDS

MIB = 1 << 20
LIMITS = {
    "cpu_seconds": 2,
    "wall_seconds": PATIENCE_SECONDS,
    "memory_bytes": 256 * MIB,
    "processes": 32,
}
# A bitstream is the picture as PNG; decoding takes the last three bits off.
DECODE = """#!/usr/bin/env python3
import os, sys, time
from pathlib import Path
import numpy as np
from PIL import Image
for bits in sorted(Path().glob("*.bits")):
    print("decoding", bits, flush=True)
    Image.fromarray(np.asarray(Image.open(bits)) & 0xF8).save(f"{bits.stem}.png")
"""


@dataclass(frozen=True)
class Home:
    """What was printed at home, and the exit code."""

    code: int
    stdout: str
    stderr: str


@dataclass(frozen=True)
class Bench:
    """One phase, on the server and at home."""

    folder: Path
    phase: Phase
    sandbox: MeteredSandbox
    capture: pytest.CaptureFixture[bytes]
    path: str = ""  # where programs are found at home, if not where they always are

    def bitstreams(self) -> dict[str, bytes]:
        return {f"{o.stem}.bits": content_store.load(o.sha256) for o in self.phase.originals()}

    def write(self, folder: str, contents: dict[str, bytes]) -> list[Path]:
        (self.folder / folder).mkdir(exist_ok=True)
        paths = [self.folder / folder / name for name in contents]
        for path in paths:
            path.write_bytes(contents[path.name])
        return paths

    def call(self, decoder: str | bytes, images: dict[str, bytes] | None = None) -> list[str]:
        """Lay out an entry; return the command line but for the options."""
        content = decoder if isinstance(decoder, bytes) else decoder.encode()
        paths = self.write("decoder", {"sent": content})
        paths += self.write("images", self.bitstreams() if images is None else images)
        self.write(
            "originals", {o.name: content_store.load(o.sha256) for o in self.phase.originals()}
        )
        return [*map(str, paths), f"--originals={self.folder / 'originals'}"]

    def both(
        self, decoder: str | bytes, images: dict[str, bytes] | None = None
    ) -> tuple[Answer, Home]:
        """Send an entry to the server and check it at home; require the same to be said."""
        call = self.call(decoder, images)
        sent, *paths = map(Path, call[:-1])
        answer, home = serve(self.phase, sent, paths, self.sandbox), self.check(call)
        errors = [line for line in home.stderr.splitlines() if line.startswith("ERROR: ")]
        assert [line.removeprefix("ERROR: ") for line in errors] == answer.problems
        assert home.code == bool(answer.problems)
        if "stopped" not in "".join(answer.problems[:1]):  # else a shell may say so too
            assert without_folder(answer.log) in without_folder(home.stderr)
        return answer, home

    def check(self, call: list[str]) -> Home:
        limits = self.phase.decoder_limits.items()
        options = [f"--{name.replace('_', '-')}={value}" for name, value in limits]
        self.capture.readouterr()
        with patch.dict(os.environ, {"PATH": self.path} if self.path else {}):
            code = main([*call, *options, f"--bytes={self.phase.byte_budget}"])
        out, err = self.capture.readouterr()
        return Home(code, out.decode(), err.decode(errors="replace"))


MakeBench = Callable[..., Bench]


def without_folder(log: str) -> str:
    """Take out where the decoder ran."""
    return re.sub(r'"(/work|/tmp/check-\w+/work)/', '"', log)
