"""All benchmarks of speed, one after the other: `python -m benchmarks [FOLDER of PNG files]`.

Without a folder the demo's photographs are used. The site of `benchmarks.rating_page` is started
on a data directory of its own. One benchmark alone: `python -m benchmarks NAME [ARGUMENTS]`; with
`--write` it puts its tables into docs/validation.md.
"""

import os
import re
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime
from pathlib import Path

from benchmarks import page
from benchmarks.measure import drop_cluster

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "ratings.settings")
PORT = "8390"
HERE = Path(__file__).parent


def main() -> None:
    """Run the named benchmark, or all of them."""
    match sys.argv[1:]:
        case [name, *arguments] if (HERE / f"{name}.py").exists():
            printed = run(name, *(argument for argument in arguments if argument != "--write"))
            if "--write" in arguments:
                write(name, arguments, printed)
        case folder:
            run_all(*folder)


def run_all(folder: str | None = None) -> None:
    """Run every benchmark of speed as a process of its own, so that none warms up another."""
    with tempfile.TemporaryDirectory() as directory, site(directory) as rating_page:
        folder = folder or all_pictures(Path(directory))
        run("rating_page", rating_page)
        run("scoring", folder)
        run("crops", folder)
        run("tiles", folder)
    run("ranking")
    run("judging")
    run("sandbox")
    run("refitting")


def write(name: str, arguments: list[str], printed: list[str]) -> None:
    """Put the tables into the page, with the day, the commit and the command."""
    commit = subprocess.run(["git", "rev-parse", "--short", "HEAD"], capture_output=True, text=True)
    command = " ".join(["python -m benchmarks", name, *(a for a in arguments if a != "--write")])
    caption = f"{datetime.now(UTC):%Y-%m-%d}, commit {commit.stdout.strip()}: `{command}`"
    text = page.PAGE.read_text()
    page.PAGE.write_text(page.filled(text, name, page.tables(printed), caption))


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


def run(name: str, *arguments: str) -> list[str]:
    """Run one benchmark; print its lines as they come, and return them."""
    print(f"\n== {name}", flush=True)
    command = [sys.executable, "-m", f"benchmarks.{name}", *arguments]
    printed = []
    with subprocess.Popen(command, stdout=subprocess.PIPE, text=True) as process:
        assert process.stdout is not None
        for line in process.stdout:
            print(line, end="", flush=True)
            printed.append(line)
    if process.returncode:
        raise subprocess.CalledProcessError(process.returncode, command)
    return printed


if __name__ == "__main__":
    main()
