"""Units and the compose file: they can be read, and leave no job to nobody."""

import re
import shutil
import subprocess
from pathlib import Path

import pytest
import yaml

from ratings.jobs.queues import QUEUES
from tests.management.sites import ROOT

DEPLOY = ROOT / "deploy"
UNITS = sorted(DEPLOY.glob("systemd/*"))
# Of the machine that looks: the site is not there, or its systemd is older than 254.
ELSEWHERE = ("is not executable", "DelegateSubgroup")


@pytest.mark.parametrize("files", [UNITS, [DEPLOY / "compose.yaml"]], ids=["units", "compose"])
def test_workers_take_each_queue_once(files: list[Path]) -> None:
    lists = re.findall(r"manage\.py work .*?-q (\S+)", "".join(file.read_text() for file in files))
    assert sorted(",".join(lists).split(",")) == sorted(QUEUES)


def test_all_of_the_compose_file_but_setting_up_is_started_again_and_looked_at() -> None:
    services = yaml.safe_load((DEPLOY / "compose.yaml").read_text())["services"]
    setup = services.pop("setup")
    assert setup["restart"] == "no"
    assert {service["restart"] for service in services.values()} == {"always"}
    assert all(service["healthcheck"]["test"] for service in services.values())
    assert all(service["read_only"] for name, service in services.items() if name != "database")


@pytest.mark.skipif(not shutil.which("systemd-analyze"), reason="needs systemd")
def test_systemd_can_read_the_units() -> None:
    told = subprocess.run(["systemd-analyze", "verify", *UNITS], capture_output=True, text=True)
    said = [line for line in told.stderr.splitlines() if not any(at in line for at in ELSEWHERE)]
    assert said == []
