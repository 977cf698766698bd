"""Downloads and bodies as curl and browsers meet them: through gunicorn, on kept connections."""

import subprocess
from http.client import HTTPConnection
from pathlib import Path
from urllib.parse import urlsplit
from urllib.request import urlopen

import pytest

from tests.journeys.conftest import SCREENSHOTS, Site
from tests.waiting import PATIENCE_SECONDS

ARCHIVE = "/api/v1/challenges/demo/datasets/E.zip"
ORIGINAL = "/api/v1/challenges/demo/phases/open/originals/astronaut.png"
MEBIBYTES = 1 << 20


def curl(*arguments: str | Path) -> str:
    command = ["curl", "--silent", "--show-error", *map(str, arguments)]
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr
    return done.stdout


@pytest.mark.parametrize("path", [ARCHIVE, ORIGINAL])
def test_a_download_that_was_cut_goes_on(site: Site, tmp_path: Path, path: str) -> None:
    with urlopen(site.url + path) as answer:
        whole = answer.read()
    for held in (1, len(whole) // 2, len(whole) - 1):
        file = tmp_path / "file"
        file.write_bytes(whole[:held])
        curl("--fail", "-C", "-", "-o", file, site.url + path)
        assert file.read_bytes() == whole
    curl("-r", "-7", "-o", file, site.url + path)
    assert file.read_bytes() == whole[-7:]
    status = curl("-r", f"{len(whole)}-", "-o", file, "-w", "%{http_code}", site.url + path)
    assert status == "416"


def test_a_download_that_is_here_is_not_sent_again(site: Site, tmp_path: Path) -> None:
    etags, file = tmp_path / "etags", tmp_path / "file"
    asked: list[str | Path] = [
        "--etag-save",
        etags,
        "--etag-compare",
        etags,
        "-o",
        file,
        "-w",
        "%{http_code}",
    ]
    etags.touch()
    assert [curl(*asked, site.url + ARCHIVE) for _ in range(2)] == ["200", "304"]


def test_head_tells_the_length_and_sends_nothing(site: Site) -> None:
    for path in (ARCHIVE, ORIGINAL, "/api/v1/challenges/", "/", "/nowhere"):
        headers = curl("-I", site.url + path)
        assert "content-length: " in headers.lower()
    assert "no-body response" not in (SCREENSHOTS / "site.log").read_text()


def test_a_body_that_nobody_read_does_not_end_the_connection(site: Site) -> None:
    address = urlsplit(site.url)
    assert address.hostname
    connection = HTTPConnection(address.hostname, address.port, timeout=PATIENCE_SECONDS)
    for path, status in (("/nowhere", 404), ("/api/v1/nowhere", 404), (ARCHIVE, 405)):
        for chunked in (False, True):
            body = bytes(3 * MEBIBYTES)
            connection.request("PUT", path, iter([body]) if chunked else body)
            answer = connection.getresponse()
            assert (answer.status, answer.headers["Connection"]) == (status, "keep-alive")
            answer.read()
            first = connection.sock
            connection.request("GET", "/api/v1/studies/")
            again = connection.getresponse()
            assert again.status == 200 and again.read()
            assert connection.sock is first  # the very same connection
    connection.close()
