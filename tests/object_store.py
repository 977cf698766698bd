"""A real object store for tests: JuiceFS' gateway, which speaks S3 with MinIO's code."""

import socket
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from urllib.error import URLError
from urllib.request import urlopen

from ratings.files_place import BucketPlace, Keys
from tests.waiting import eventually

KEYS = Keys("tests", "a secret of tests alone")
BUCKET = "ratings"
JUICEFS = Path(sys.executable).with_name("juicefs")


def prepare(folder: Path, address: str) -> tuple[list[str], dict[str, str]]:
    """Make a bucket whose objects lie in a folder; return the server's command and environment."""
    table = f"sqlite3://{folder / 'objects.db'}"
    begin = [str(JUICEFS), "format", "--storage=file", f"--bucket={folder}/", table, BUCKET]
    subprocess.run(begin, check=True, capture_output=True)
    options = ["--no-usage-report", "--no-banner", f"--cache-dir={folder / 'cache'}"]
    keys = {"MINIO_ROOT_USER": KEYS.access_key_id, "MINIO_ROOT_PASSWORD": KEYS.secret_access_key}
    return [str(JUICEFS), "gateway", *options, table, address], {"HOME": str(folder)} | keys


@contextmanager
def serve(folder: Path) -> Iterator[BucketPlace]:
    """Serve one bucket whose objects lie in a folder."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        address = "{}:{}".format(*probe.getsockname())
    command, environment = prepare(folder, address)
    with (folder / "log").open("wb") as log:
        server = subprocess.Popen(command, env=environment, stdout=log, stderr=subprocess.STDOUT)
    try:
        assert eventually(lambda: _lives(address) or server.poll() is not None)
        assert server.poll() is None, (folder / "log").read_text()
        yield BucketPlace(BUCKET, endpoint_url=f"http://{address}", keys=KEYS)
    finally:
        server.terminate()
        server.wait()


def _lives(address: str) -> bool:
    try:
        with urlopen(f"http://{address}/minio/health/live", timeout=5) as answer:
            return bool(answer.status == 200)
    except (URLError, ConnectionError):
        return False
