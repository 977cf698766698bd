"""Run decoders for a site, from any machine: `python -m ratings.remote URL --token-file FILE`.

Needs what the sandbox does (docs/sandbox.md), and no database, no folder of the site, no Django.
"""

import argparse
import logging
import os
import signal
import sys
from pathlib import Path
from types import FrameType

from ratings.environment import WrongEnvironment, read_environment
from ratings.remote.remote_work import RemoteWorker
from ratings.remote.site_client import SiteClient, SiteRefused
from ratings.sandbox.environments.open_folders import usual_folder
from ratings.sandbox.machine_sandboxes import MachineSandboxes


def main() -> None:
    """Work until SIGTERM or Ctrl-C; the run under way is ended first, unless told twice."""
    parser = argparse.ArgumentParser(
        prog="python -m ratings.remote", description="Run decoders for a site, over HTTPS alone."
    )
    parser.add_argument("url", help="the site, such as https://ratings.example.org")
    words = "holds the worker's token, which the desk or `manage.py add_worker` gives"
    parser.add_argument("--token-file", required=True, type=Path, help=words)
    asked = parser.parse_args()
    logging.basicConfig(level=logging.INFO, format="%(asctime)s %(levelname)s %(message)s")
    logging.getLogger("urllib3").setLevel(logging.ERROR)
    try:
        worker = _worker(asked.url, asked.token_file)
        _obey_signals(worker)
        worker.work()
    except (OSError, ValueError, WrongEnvironment, SiteRefused) as error:
        sys.exit(str(error))


def _worker(url: str, token_file: Path) -> RemoteWorker:
    site = read_environment(os.environ)
    folder = site.sandbox_dir or usual_folder(Path("var/sandbox").resolve())
    sandboxes = MachineSandboxes(folder, site.sandbox_image, site.sandbox_devices)
    return RemoteWorker(SiteClient(url, token_file.read_text().strip()), sandboxes)


def _obey_signals(worker: RemoteWorker) -> None:
    def end(number: int, frame: FrameType | None) -> None:
        if worker.told.is_set():
            worker.cut.set()
        worker.told.set()

    for number in (signal.SIGTERM, signal.SIGINT):
        signal.signal(number, end)


if __name__ == "__main__":
    main()
