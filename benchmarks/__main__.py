"""All benchmarks, one after the other. `python -m benchmarks [FOLDER of PNG files]`

Without a folder the demo's photographs are used. The site of `benchmarks.rating_page` is started
on a data directory of its own.
"""

import os
import re
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from benchmarks.measure import drop_cluster

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "ratings.settings")
PORT = "8390"


def main() -> None:
    """Run every benchmark as a process of its own, so that none warms up another."""
    with tempfile.TemporaryDirectory() as directory, site(directory) as rating_page:
        folder = sys.argv[1] if len(sys.argv) > 1 else all_pictures(Path(directory))
        run("rating_page", rating_page)
        run("scoring", folder)
        run("crops", folder)
    run("ranking")
    run("judging")
    run("sandbox")
    run("refitting")


@contextmanager
def site(directory: str) -> Iterator[str]:
    """Serve the demo from an empty directory; yield the address of its rating page."""
    environment = os.environ | {"RATINGS_DATA_DIR": directory, "PORT": PORT}
    environment.pop("DATABASE_URL", None)
    command = [sys.executable, "manage.py", "serve"]
    with subprocess.Popen(command, env=environment, stdout=subprocess.PIPE, text=True) as process:
        try:
            assert process.stdout is not None
            lines = "".join(iter(process.stdout.readline, "Ctrl-C stops everything.\n"))
            address = re.search(r"http\S+/rate/\S+", lines)
            assert address, lines
            yield address[0]
        finally:
            process.terminate()
            process.communicate()  # it has something to say before it goes
            drop_cluster(directory)


def all_pictures(data_dir: Path) -> str:
    """Put the demo's photographs, which lie in one folder a data set, into one folder."""
    folder = data_dir / "photographs"
    folder.mkdir()
    for file in (data_dir / "demo").glob("*/*.png"):
        file.rename(folder / file.name)
    return str(folder)


def run(name: str, *arguments: str) -> None:
    """Run one benchmark and let it print."""
    print(f"\n== {name}", flush=True)
    subprocess.run([sys.executable, "-m", f"benchmarks.{name}", *arguments], check=True)


if __name__ == "__main__":
    main()
