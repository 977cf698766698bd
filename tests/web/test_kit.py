"""The kit as one zip: whole, runnable where it is unpacked, and always the same bytes."""

import io
import os
import re
import shutil
import subprocess
import sys
import zipfile
from pathlib import Path, PurePosixPath

import pytest
from django.test import Client

from ratings.web.kit import KIT, installed_kit, kit_files, pack
from tests.builders import build_challenge
from tests.web.builders import build_running_phase
from tests.web.test_public import page

CODECS = ("jpeg", "transform", "webp")


@pytest.fixture
def unpacked(tmp_path: Path) -> Path:
    """An empty folder with what the tutorial's command takes out of the zip; it marks nothing."""
    (tmp_path / "kit.zip").write_bytes(installed_kit())
    command = [sys.executable, "-m", "zipfile", "-e", "kit.zip", "."]
    subprocess.run(command, cwd=tmp_path, check=True, timeout=60)
    return tmp_path


def members() -> dict[str, zipfile.ZipInfo]:
    with zipfile.ZipFile(io.BytesIO(installed_kit())) as archive:
        assert archive.testzip() is None
        return {member.filename: member for member in archive.infolist()}


def run(folder: Path, *words: str) -> subprocess.CompletedProcess[str]:
    """Run Python as a participant does: nothing of this project can be found but the kit."""
    environment = {name: os.environ[name] for name in os.environ.keys() - {"PYTHONPATH"}}
    command = [sys.executable, "-W", "error", *words]
    return subprocess.run(
        command, cwd=folder, env=environment, capture_output=True, text=True, timeout=60
    )


def test_all_of_the_kit_is_in_it_and_nothing_else() -> None:
    names = members().keys()
    assert all(PurePosixPath(name).is_relative_to("ratings/kit") for name in names)
    inside = {name.removeprefix("ratings/kit/") for name in names}
    assert {path.name for path in kit_files()} < inside
    assert {"README.md", "kit.md", "tutorial.md", "Dockerfile", "requirements.txt"} < inside
    for codec in CODECS:
        assert {f"codecs/{codec}/{name}" for name in ("encode", "decode", "README.md")} < inside
    assert not [name for name in inside if "__pycache__" in name or "/." in name]
    assert len(inside) < 40


def test_links_have_become_files_and_programs_stay_programs() -> None:
    for name, member in members().items():
        path = KIT / PurePosixPath(name).relative_to("ratings/kit")
        assert member.file_size == path.stat().st_size > 0, name
        wanted = 0o100755 if path.name in ("encode", "decode") else 0o100644
        assert member.external_attr >> 16 == wanted, name
        assert member.create_system == 3
    assert (KIT / "codecs" / "jpeg" / "budget.py").is_symlink()


def test_the_same_files_are_the_same_bytes(tmp_path: Path) -> None:
    """Neither times, owners' habits, the order of a folder nor what was run there matter."""
    copy = tmp_path / "copy"
    shutil.copytree(KIT, copy, ignore=shutil.ignore_patterns("__pycache__"))
    for path in copy.rglob("*"):
        path.chmod(0o700 if path.is_dir() or os.access(path, os.X_OK) else 0o600)
        os.utime(path, (0, 0))
    (copy / "codecs" / "__pycache__").mkdir()
    (copy / "codecs" / "__pycache__" / "a.pyc").write_bytes(b"x")
    (copy / ".hidden").write_bytes(b"x")
    assert pack(copy) == installed_kit()
    (copy / "submit.py").write_bytes(b"x")
    assert pack(copy) != installed_kit()


@pytest.mark.parametrize("name", [path.stem for path in kit_files()])
def test_commands_run_as_in_the_docs_where_it_is_unpacked(unpacked: Path, name: str) -> None:
    done = run(unpacked, "-m", f"ratings.kit.{name}", "--help")
    assert done.returncode == 0, done.stderr
    assert name not in ("check", "submit") or "usage:" in done.stdout


@pytest.mark.parametrize("codec", CODECS)
def test_codecs_run_where_it_is_unpacked(unpacked: Path, codec: str) -> None:
    done = run(unpacked, f"ratings/kit/codecs/{codec}/encode", ".", "new", "--bpp", "1")
    assert done.returncode == 2 and "there are no PNG files" in done.stderr
    assert run(unpacked, f"ratings/kit/codecs/{codec}/decode").returncode == 0


def test_links_of_its_pages_lead_to_files_in_it(unpacked: Path) -> None:
    pages = sorted((unpacked / "ratings" / "kit").glob("*.md"))
    assert len(pages) == 3
    for found in pages:
        for target in re.findall(r"\]\(([^)#\s]+)", found.read_text()):
            there = "://" in target or (found.parent / target).exists()
            assert there, f"{found.name} links to {target}"


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
