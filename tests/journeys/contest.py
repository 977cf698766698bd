"""A challenge of a journey's own, whose decoders run here, and the client as teams start it."""

import base64
import json
import re
import subprocess
import sys
import threading
import zipfile
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any
from urllib.request import Request, urlopen

import numpy as np
from numpy.typing import NDArray
from PIL import Image

from tests.journeys import studies
from tests.journeys.conftest import ROOT, Site
from tests.waiting import PATIENCE_SECONDS

PASSWORD = "a long password"
LONG_AGO, FAR_OFF = "2018-01-15T00:00:00Z", "2038-01-15T00:00:00Z"
LIMITS = "{ cpu_seconds = 60, memory_bytes = 536870912 }"
# WebP in, PNG out; it takes its time with some pictures.
DECODE = """#!/usr/bin/env python3
import time
from pathlib import Path
from PIL import Image
for bits in sorted(Path().glob("*.webp")):
    print("decoding", bits.stem, flush=True)
    time.sleep({pauses}.get(bits.stem, 0))
    Image.open(bits).convert("RGB").save(f"{{bits.stem}}.png")
"""


def pictures(first: int, last: int) -> dict[str, NDArray[np.uint8]]:
    """Return some of the photographs by file name."""
    return dict(list(studies.pictures().items())[first:last])


def write_definition(
    folder: Path, slug: str, sets: dict[str, dict[str, NDArray[np.uint8]]], *phases: dict[str, Any]
) -> Path:
    """Write a challenge's file and the originals of its data sets; return the file."""
    lines = [f'slug = "{slug}"', f'name = "The {slug}"', 'summary = "A journey."']
    for name, originals in sets.items():
        (folder / name).mkdir(parents=True, exist_ok=True)
        for file, rgb in originals.items():
            Image.fromarray(rgb).save(folder / name / file)
        lines += ["[[dataset]]", f'slug = "{name}"', f'name = "{name}"', f'originals = "{name}"']
    for phase in phases:
        lines += ["[[phase]]", *(f"{key} = {value}" for key, value in phase.items())]
    path = folder / f"{slug}.toml"
    path.write_text("\n".join(lines))
    return path


def phase(slug: str, dataset: str, *, opens: str, closes: str, **more: str) -> dict[str, Any]:
    """Return a phase that runs decoders and whose boards are open, as its table says it."""
    return {
        "slug": f'"{slug}"',
        "name": f'"{slug.capitalize()}"',
        "datasets": f'["{dataset}"]',
        "opens": opens,
        "closes": closes,
        "boards_open": LONG_AGO,
        "decoder": '"required"',
        "limits": LIMITS,
    } | more


def compress(folder: Path, originals: dict[str, NDArray[np.uint8]], quality: int) -> list[Path]:
    """Write each picture as WebP; return the files."""
    folder.mkdir(parents=True, exist_ok=True)
    paths = [folder / Path(name).with_suffix(".webp").name for name in originals]
    for path, rgb in zip(paths, originals.values(), strict=True):
        Image.fromarray(rgb).save(path, quality=quality)
    return paths


def write_decoder(path: Path, pauses: dict[str, float], note: str = "") -> Path:
    """Write a decoder as a zip, which pauses before some pictures; `note` makes it another one."""
    member = zipfile.ZipInfo("decode")
    with zipfile.ZipFile(path, "w") as archive:
        archive.writestr(member, DECODE.format(pauses=json.dumps(pauses)) + f"# {note}\n")
    return path


@dataclass
class Client:
    """The client, running, and what it has told so far."""

    process: "subprocess.Popen[str]"
    lines: list[str] = field(default_factory=list)
    news: threading.Condition = field(default_factory=threading.Condition)
    over: bool = False

    @property
    def told(self) -> str:
        return "".join(self.lines)

    def shown(self, site: Site, team: str) -> dict[str, Any]:
        """Return the submission as the API shows it to its team."""
        match = re.search(r"Submission (\S+) to", self.told)
        assert match, self.told
        login = base64.b64encode(f"{team}:{PASSWORD}".encode()).decode()
        headers = {"Authorization": f"Basic {login}"}
        request = Request(f"{site.url}/api/v1/submissions/{match[1]}/", headers=headers)
        with urlopen(request, timeout=PATIENCE_SECONDS) as answer:
            shown: dict[str, Any] = json.load(answer)
        return shown

    def sees(self, words: str) -> None:
        """Wait until the client has told its user so."""
        with self.news:
            self.news.wait_for(lambda: words in self.told or self.over, PATIENCE_SECONDS)
        assert words in self.told, self.told

    def ends(self) -> tuple[int, str]:
        """Wait for the end; return the exit code and what was printed as the result."""
        with self.news:
            self.news.wait_for(lambda: self.over, PATIENCE_SECONDS)
        assert self.over and self.process.stdout is not None, self.told
        with self.process.stdout as stdout:
            return self.process.wait(PATIENCE_SECONDS), stdout.read()

    def listen(self) -> None:
        assert self.process.stderr is not None
        with self.process.stderr as stderr:
            for line in stderr:
                with self.news:
                    self.lines.append(line)
                    self.news.notify_all()
        with self.news:
            self.over = True
            self.news.notify_all()

    def kill(self) -> None:
        """End it whatever it does."""
        self.process.kill()
        self.process.wait()


def submit(site: Site, where: tuple[str, str], team: str, decoder: Path, *files: Path) -> Client:
    """Start the client as a team does, for a challenge and a phase of it."""
    challenge, slug = where
    command = [sys.executable, "-m", "ratings.kit.submit", "-n", team, "-p", PASSWORD]
    command += ["-e", "team@example.org", "--url", site.url, "--challenge", challenge]
    command += ["--phase", slug, str(decoder), *map(str, files)]
    client = Client(
        subprocess.Popen(
            command, cwd=ROOT, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True
        )
    )
    threading.Thread(target=client.listen, daemon=True).start()
    return client
