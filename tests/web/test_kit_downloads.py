"""The kit as one zip: whole, runnable where it is unpacked, and always the same bytes."""

import io
import os
import re
import shutil
import subprocess
import sys
import zipfile
from collections.abc import Callable
from pathlib import Path, PurePosixPath
from shutil import ignore_patterns

import numpy
import PIL
import pytest
from django.test import Client

from ratings.imaging.pixels import encode_png
from ratings.kit.checking.home_sandbox import environments_folder
from ratings.sandbox.environments.making import environment_in
from ratings.sandbox.environments.recipes import RECIPES
from ratings.web.parts.serving.kit_zip import HOUSE, KIT, installed_kit, pack
from ratings.web.public.kit_downloads import kit_files
from tests.builders import build_challenge, build_rgb
from tests.waiting import PATIENCE_SECONDS
from tests.web.builders import build_running_phase
from tests.web.pages import page

CODECS = ("jpeg", "learned", "transform", "webp")
Run = Callable[..., subprocess.CompletedProcess[str]]


@pytest.fixture
def unpacked(tmp_path: Path) -> Path:
    """An empty folder with what the tutorial's command takes out of the zip; it marks nothing."""
    (tmp_path / "kit.zip").write_bytes(installed_kit())
    command = [sys.executable, "-m", "zipfile", "-e", "kit.zip", "."]
    subprocess.run(command, cwd=tmp_path, check=True, timeout=PATIENCE_SECONDS)
    return tmp_path


def members() -> dict[str, zipfile.ZipInfo]:
    with zipfile.ZipFile(io.BytesIO(installed_kit())) as archive:
        assert archive.testzip() is None
        return {member.filename: member for member in archive.infolist()}


@pytest.fixture(scope="module")
def packages(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder with what participants install, of all the packages that are here."""
    folder = tmp_path_factory.mktemp("packages")
    for package in (numpy, PIL):
        there = Path(str(package.__file__)).parent
        (folder / there.name).symlink_to(there)
    return folder


@pytest.fixture
def run(packages: Path) -> Run:
    """Return what runs Python as a participant does: nothing is there but the kit and packages."""

    def call(folder: Path, *words: str) -> subprocess.CompletedProcess[str]:
        environment = os.environ | {"PYTHONPATH": str(packages)}
        command = [sys.executable, "-S", "-W", "error", *words]
        return subprocess.run(
            command,
            cwd=folder,
            env=environment,
            capture_output=True,
            text=True,
            timeout=PATIENCE_SECONDS,
        )

    return call


def test_all_of_the_kit_is_in_it_and_nothing_else() -> None:
    names = members().keys()
    shared = {name for name in names if not name.startswith("ratings/kit/")}
    inside = {name.removeprefix("ratings/kit/") for name in names - shared}
    assert {path.name for path in kit_files()} < inside
    assert {"README.md", "kit.md", "tutorial.md", "Dockerfile"} < inside
    for codec in CODECS:
        assert {f"codecs/{codec}/{name}" for name in ("encode", "decode", "README.md")} < inside
    assert not [name for name in inside if "__pycache__" in name or "/." in name]
    assert len(inside) < 90
    # The server's very files, of the rooms that know nothing of the site.
    rooms = {PurePosixPath(name).parts[1] for name in shared}
    assert rooms == {"__init__.py", "imaging", "sandbox"}
    assert {"ratings/sandbox/decoders/zips.py", "ratings/imaging/chunks.py"} < shared
    assert "ratings/sandbox/containment/bubblewrap.py" in shared  # decoders are contained by it
    assert {f"ratings/sandbox/environments/{source}.txt" for source in RECIPES} < shared
    assert not shared & {
        "ratings/sandbox/entry_runs.py",
        "ratings/sandbox/environments/__main__.py",
    }


def test_links_have_become_files_and_programs_stay_programs() -> None:
    for name, member in members().items():
        path = HOUSE / name
        assert member.file_size == path.stat().st_size > 0, name
        wanted = 0o100755 if path.name in ("encode", "decode") else 0o100644
        assert member.external_attr >> 16 == wanted, name
        assert member.create_system == 3
    assert (KIT / "codecs" / "jpeg" / "budget.py").is_symlink()


def test_the_same_files_are_the_same_bytes(tmp_path: Path) -> None:
    """Neither times, owners' habits, the order of a folder nor what was run there matter."""
    house = tmp_path / "copy"
    shutil.copytree(HOUSE / "ratings", house / "ratings", ignore=ignore_patterns("__pycache__"))
    copy = house / "ratings" / "kit"
    for path in copy.rglob("*"):
        path.chmod(0o700 if path.is_dir() or os.access(path, os.X_OK) else 0o600)
        os.utime(path, (0, 0))
    (copy / "codecs" / "__pycache__").mkdir()
    (copy / "codecs" / "__pycache__" / "a.pyc").write_bytes(b"x")
    (copy / ".hidden").write_bytes(b"x")
    assert pack(house) == installed_kit()
    (house / "ratings" / "sandbox" / "decoders" / "zips.py").write_text("changed = True")
    assert pack(house) != installed_kit()


@pytest.mark.parametrize("name", [path.stem for path in kit_files()])
def test_commands_run_as_in_the_docs_where_it_is_unpacked(
    unpacked: Path, run: Run, name: str
) -> None:
    done = run(unpacked, "-m", f"ratings.kit.{name}", "--help")
    assert done.returncode == 0, done.stderr
    assert name not in ("check", "submit") or "usage:" in done.stdout


def test_an_entry_is_checked_with_nothing_but_the_zip(
    unpacked: Path, run: Run, monkeypatch: pytest.MonkeyPatch
) -> None:
    """By the command of the docs, and by the file itself, from wherever one stands."""
    monkeypatch.setenv("XDG_CACHE_HOME", str(unpacked / "cache"))
    environment_in(environments_folder())
    (unpacked / "originals").mkdir()
    (unpacked / "originals" / "a.png").write_bytes(encode_png(build_rgb()))
    (unpacked / "a.bits").write_bytes(encode_png(build_rgb(seed=2)))
    (unpacked / "decode").write_text("#!/bin/sh\ncp a.bits a.png\n")
    entry = ["decode", "a.bits", "--originals=originals", "--bpp=99"]
    done = run(unpacked, "-m", "ratings.kit.check", *entry)
    assert done.returncode == 0, done.stderr
    assert done.stdout.splitlines()[-1].startswith("Scored: PSNR ")
    again = run(unpacked, "ratings/kit/check.py", *entry)
    assert again.stdout.splitlines()[-1] == done.stdout.splitlines()[-1]


@pytest.mark.parametrize("codec", CODECS)
def test_codecs_run_where_it_is_unpacked(unpacked: Path, run: Run, codec: str) -> None:
    done = run(unpacked, f"ratings/kit/codecs/{codec}/encode", ".", "new", "--bpp", "1")
    assert done.returncode == 2 and "there are no PNG files" in done.stderr
    assert run(unpacked, f"ratings/kit/codecs/{codec}/decode").returncode == 0


def test_links_of_its_pages_lead_to_files_in_it(unpacked: Path) -> None:
    pages = sorted((unpacked / "ratings" / "kit").glob("*.md"))
    assert len(pages) == 3
    for text in pages:
        for target in re.findall(r"\]\(([^)#\s]+)", text.read_text()):
            there = "://" in target or (text.parent / target).exists()
            assert there, f"{text.name} links to {target}"


@pytest.mark.django_db
def test_pages_offer_it_with_its_size(client: Client) -> None:
    phase = build_running_phase()
    kilobytes = f"{len(installed_kit()) / 1000:.0f} kB"
    for rest in ("", "submit/"):
        html = page(client, f"/{phase.challenge.slug}/{rest}")
        assert 'href="/kit/kit.zip"' in html and kilobytes in html
    assert 'href="/kit/kit.zip"' in page(client, f"/{build_challenge().slug}/")  # before any phase


def test_it_is_sent_once_and_then_known(client: Client) -> None:
    sent = client.get("/kit/kit.zip")
    assert sent.content == installed_kit()
    assert sent["Content-Type"] == "application/zip"
    assert sent["Content-Disposition"] == 'attachment; filename="kit.zip"'
    again = client.get("/kit/kit.zip", headers={"If-None-Match": sent["ETag"]})
    assert (again.status_code, again.content) == (304, b"")
    assert client.post("/kit/kit.zip").status_code == 405
