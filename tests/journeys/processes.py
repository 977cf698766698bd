"""The processes of a running site."""

import os
import signal
import subprocess
from urllib.parse import urlsplit
from urllib.request import urlopen

from ratings.database.cluster import Cluster
from tests.journeys.conftest import DATA_DIR, Site
from tests.waiting import PATIENCE_SECONDS, eventually


def web_server(site: Site) -> int:
    """Return the process id of the site's web server, the parent of its workers."""
    parents = _gunicorns(site)
    return next(pid for pid, parent in parents.items() if parent not in parents)


def web_workers(site: Site) -> list[int]:
    """Return the process ids of the site's web workers."""
    parents = _gunicorns(site)
    return [pid for pid, parent in parents.items() if parent in parents]


def kill_web(site: Site) -> None:
    """Kill the site's web server and its workers, which would answer for a while without it."""
    for pid in (web_server(site), *web_workers(site)):
        os.kill(pid, signal.SIGKILL)


def wait_for_the_site(site: Site) -> None:
    """Wait until the site answers again."""

    def answers() -> bool:
        try:
            urlopen(site.url, timeout=PATIENCE_SECONDS).close()
        except OSError:
            return False
        return True

    eventually(answers)


def _gunicorns(site: Site) -> dict[int, int]:
    """Return the process ids of the site's web server and of its workers, with their parents'."""
    listing = subprocess.run(["ps", "-ww", "-eo", "pid,ppid,args"], capture_output=True, text=True)
    lines = [line.split(None, 2) for line in listing.stdout.splitlines()]
    bound = f"--bind={urlsplit(site.url).netloc}"
    return {int(pid): int(parent) for pid, parent, args in lines if bound in args}


def postmaster() -> int:
    """Return the process id of the site's database server."""
    pid_file = Cluster(DATA_DIR).home / "cluster" / "postmaster.pid"
    return int(pid_file.read_text().splitlines()[0])
