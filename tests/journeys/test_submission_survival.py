"""Web server, database and worker are killed in the middle of submissions; teams get scores."""

import os
import signal
import subprocess
from collections.abc import Iterator
from contextlib import suppress
from pathlib import Path

import pytest

from ratings.jobs.tasks import LONG_QUEUES
from tests.journeys.conftest import Site
from tests.journeys.contest import (
    FAR_OFF,
    LONG_AGO,
    Client,
    compress,
    phase,
    pictures,
    submit,
    write_decoder,
    write_definition,
)
from tests.journeys.processes import kill_web, postmaster, web_server
from tests.waiting import eventually

SLUG = "siege"
ORIGINALS = pictures(0, 2)
TEAMS = ("North", "East", "South")


@pytest.fixture
def siege(site: Site, tmp_path: Path) -> Iterator[Site]:
    """Let the site have a phase that runs decoders."""

    def load(closes: str) -> None:
        phase_table = phase("open", "pictures", opens=LONG_AGO, closes=closes)
        file = write_definition(tmp_path / SLUG, SLUG, {"pictures": ORIGINALS}, phase_table)
        site.manage("load_challenge", str(file))

    load(FAR_OFF)
    yield site
    load("2019-01-15T00:00:00Z")


@pytest.fixture
def clients(siege: Site, tmp_path: Path) -> Iterator[dict[str, Client]]:
    """Return the clients of several teams, by team, that were started at once."""
    decoder = write_decoder(tmp_path / "decoder.zip", {"0": 5})
    files = compress(tmp_path / "files", ORIGINALS, 50)
    processes = {team: submit(siege, (SLUG, "open"), team, decoder, *files) for team in TEAMS}
    yield processes
    for client in processes.values():
        client.kill()


def decoding_worker(site: Site) -> int:
    """Return the process id of the site's worker that runs decoders."""
    listing = subprocess.run(["ps", "-ww", "-eo", "pid,ppid,args"], capture_output=True, text=True)
    lines = [line.split(None, 2) for line in listing.stdout.splitlines()[1:]]
    parents = {int(pid): int(parent) for pid, parent, _ in lines}
    server = parents[web_server(site)]
    (worker,) = [
        int(pid)
        for pid, parent, args in lines
        if int(parent) == server and args.endswith(f"-q {','.join(LONG_QUEUES)}")
    ]
    return worker


def running(site: Site, clients: dict[str, Client], but: tuple[str, ...] = ()) -> str:
    """Wait until the decoder of a team is at work, the site may be away; return the team."""

    def find() -> str:
        with suppress(OSError):
            for team in clients.keys() - but:
                client = clients[team]
                run = client.shown(site, team)["run"] if "Submission " in client.told else None
                if run and run["state"] == "running":
                    return team
        return ""

    return eventually(find)


def test_whatever_is_killed_every_team_ends_with_the_same_score(
    siege: Site, clients: dict[str, Client]
) -> None:
    # The web server, while files are sent.
    clients[TEAMS[0]].sees("Submission ")
    kill_web(siege)
    # The database, while a decoder runs: the run goes on without it.
    first = running(siege, clients)
    os.kill(postmaster(), signal.SIGKILL)
    # The worker, while it runs another: that one is begun again. Then the web server once more.
    second = running(siege, clients, (first,))
    os.kill(decoding_worker(siege), signal.SIGKILL)
    kill_web(siege)

    ends = {team: client.ends() for team, client in clients.items()}
    assert [code for code, _ in ends.values()] == [0] * len(TEAMS), [
        client.told for client in clients.values()
    ]
    results = {printed for _, printed in ends.values()}
    assert len(results) == 1 and results.pop().startswith("Scored: PSNR ")
    shown = {team: client.shown(siege, team) for team, client in clients.items()}
    attempts = {team: one["run"]["attempt"] for team, one in shown.items()}
    assert attempts == {team: 2 if team == second else 1 for team in TEAMS}
    outputs = [one["run"]["outputs"] for one in shown.values()]
    assert outputs[0].keys() == set(ORIGINALS) and outputs == [outputs[0]] * len(TEAMS)
