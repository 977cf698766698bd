"""The tutorial, typed as it stands by a newcomer in an empty folder, ends on the board."""

import os
import re
import subprocess
import sys
from collections.abc import Callable, Iterator
from pathlib import Path

import numpy as np
import pytest
from numpy.typing import NDArray
from PIL import Image
from playwright.sync_api import Page, expect
from skimage import data

from tests.journeys.conftest import ROOT, Site, shoot
from tests.waiting import PATIENCE_SECONDS

TUTORIAL = ROOT / "docs" / "tutorial.md"
CODECS, OWN = ("jpeg", "webp", "transform", "learned"), "mine"
CUTS: dict[str, Callable[[], NDArray[np.uint8]]] = {"cat": data.chelsea, "cup": data.coffee}
SIDE = 256
BPP = "0.5"
ENTRY = ("Compress", "Check at home", "Submit")  # what is done anew for another codec
SCORED = re.compile(r"^Scored: PSNR (\d+\.\d+) dB at 0\.\d+ bits per pixel", re.MULTILINE)


def blocks() -> dict[str, str]:
    """Return the tutorial's commands by the section they stand in."""
    sections = re.split(r"^## ", TUTORIAL.read_text(), flags=re.MULTILINE)
    by_heading = {
        s.partition("\n")[0]: re.findall(r"```sh\n(.*?)```", s, re.DOTALL) for s in sections
    }
    return {title: "\n".join(parts) for title, parts in by_heading.items() if parts}


@pytest.fixture
def contest(site: Site, tmp_path: Path) -> Iterator[Site]:
    """Open a phase that runs decoders, on two small pictures, for as long as the test takes."""
    folder = tmp_path / "definition"
    (folder / "C").mkdir(parents=True)
    for name, photograph in CUTS.items():
        cut = np.ascontiguousarray(photograph()[:SIDE, 100:][:, :SIDE])
        Image.fromarray(cut).save(folder / "C" / f"{name}.png")
    site.manage("load_challenge", str(write_definition(folder, closes=2038)))
    yield site
    # The demo's phase is the only open one again, as whoever submits to this site expects.
    site.manage("load_challenge", str(write_definition(folder, closes=2019)))


def write_definition(folder: Path, *, closes: int) -> Path:
    file = folder / "kit.toml"
    file.write_text(f"""
        slug = "tutorial"
        name = "Tutorial"
        summary = "Two small photographs and four codecs."
        [[dataset]]
        slug = "C"
        name = "Cuts"
        originals = "C"
        [[phase]]
        slug = "open"
        name = "Open phase"
        datasets = ["C"]
        opens = 2018-01-15T00:00:00Z
        closes = {closes}-01-15T00:00:00Z
        originals_open = 2018-01-15T00:00:00Z
        boards_open = 2018-01-15T00:00:00Z
        max_bpp = {BPP}
        decoder = "required"
        limits = {{ cpu_seconds = 60, memory_bytes = 1073741824 }}
    """)
    return file


def variables(site: Site) -> str:
    """Return the tutorial's first block with the values of this site."""
    values = {"SITE": site.url, "CHALLENGE": "tutorial", "SETS": '"C"', "BPP": BPP}
    text = blocks()["Where and who"]
    for name, value in values.items():
        text, count = re.subn(rf'\b{name}=("[^"]*"|\S+)', f"{name}={value}", text)
        assert count == 1, name
    return text


def script(site: Site) -> str:
    """Return all that is typed: the tutorial, and its middle once more for each other codec.

    All are teams of their own, since the board shows one entry of each.
    """
    text = blocks()
    lines = [variables(site)]
    assert f"CODEC={CODECS[0]}" in lines[0]
    for title in list(text)[1:]:
        lines.append(text[title])
        if title == ENTRY[-1]:
            for codec in CODECS[1:]:
                lines.append(f'CODEC={codec} TEAM="Team {codec}"')
                lines += [text[again] for again in ENTRY]
            lines.append(f'TEAM="Team {OWN}"')
    return "\n".join(lines)


def typed(commands: str, folder: Path) -> str:
    """Run commands in a shell that stops at the first that fails; return what they print."""
    own = {"VIRTUAL_ENV", "PYTHONPATH"}
    environment = {name: os.environ[name] for name in os.environ.keys() - own}
    environment["PATH"] = f"{Path(sys.executable).parent}:{environment['PATH']}"
    command = ["bash", "--noprofile", "--norc", "-eu", "-o", "pipefail", "-c", commands]
    done = subprocess.run(
        command,
        cwd=folder,
        env=environment,
        capture_output=True,
        text=True,
        timeout=PATIENCE_SECONDS * len((*CODECS, OWN)),  # each is checked, sent and scored
    )
    assert done.returncode == 0, done.stdout + done.stderr
    return done.stdout


def test_the_tutorial_leads_to_the_board(contest: Site, page: Page, tmp_path: Path) -> None:
    for scheme in ("dark", "light"):
        page.emulate_media(color_scheme=scheme)
        for name, address in (("kit", "tutorial/"), ("kit-submit", "tutorial/submit/")):
            page.goto(f"{contest.url}/{address}")
            shoot(page, f"{name}-{scheme}")
    page.goto(f"{contest.url}/tutorial/")
    with page.expect_download() as download:
        page.get_by_role("link", name="Download the kit").click()
    assert download.value.url == f"{contest.url}/kit/kit.zip"

    folder = tmp_path / "empty"
    folder.mkdir()
    printed = typed(script(contest), folder)
    assert (folder / "kit.zip").read_bytes() == Path(download.value.path()).read_bytes()
    checked, scores = (SCORED.findall(printed)[start::2] for start in (0, 1))
    assert checked == scores  # the check at home and the server say the same
    # What the tutorial prints of the board, before the reader's own codec comes.
    assert sorted(re.findall(r"^\d,(\w+),", printed, re.MULTILINE)) == sorted(CODECS)

    page.goto(f"{contest.url}/tutorial/open/board/")
    rows = page.locator("section[aria-labelledby=psnr] tbody tr")
    expect(rows).to_have_count(len(CODECS) + 1)
    for method, score in zip((*CODECS, OWN), scores, strict=True):
        row = rows.filter(has=page.locator(".method", has_text=method))
        expect(row).to_contain_text(f"{float(score):.2f}")
    shoot(page, "board-kit")
