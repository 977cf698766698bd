"""What Prometheus reads: the format, and that alerts and dashboard ask for what is there."""

import json
import re
import shutil
import subprocess
from pathlib import Path

import pytest
import yaml
from django.db import OperationalError
from django.utils import timezone
from prometheus_client.parser import text_string_to_metric_families

from ratings.health import exposition
from ratings.health.alarms import STUDIES, FoundAlarm, note_alarms
from ratings.health.exposition import REQUESTS, render_metrics
from ratings.health.site_facts import SiteFacts
from ratings.jobs.queues import QUEUES
from ratings.jobs.tasks import score_picture
from tests.comparisons.builders import build_study

ROOT = Path(__file__).resolve().parents[2]
ALERTS = ROOT / "operations" / "alerts.yml"
DASHBOARD = ROOT / "operations" / "grafana-dashboard.json"


def exported() -> dict[str, set[str]]:
    """Return the names of all series with the names of their labels."""
    names: dict[str, set[str]] = {}
    for family in text_string_to_metric_families(render_metrics().decode()):
        for sample in family.samples:
            names.setdefault(sample.name, set()).update(sample.labels)
    return names


def rules() -> list[dict[str, str]]:
    (group,) = yaml.safe_load(ALERTS.read_text())["groups"]
    return list(group["rules"])


def expressions() -> list[str]:
    panels = json.loads(DASHBOARD.read_text())["panels"]
    shown = [target["expr"] for panel in panels for target in panel["targets"]]
    return shown + [rule["expr"] for rule in rules()]


@pytest.mark.django_db
def test_alerts_and_dashboard_ask_for_what_is_exported() -> None:
    build_study(is_open=True)
    score_picture.defer(decoded_image_id=1)
    note_alarms([FoundAlarm("study/main/no-flip", "It is lost.")], timezone.now(), STUDIES)
    REQUESTS.labels("GET", "/", "200").observe(0.1)
    there = exported()
    asked = {name for text in expressions() for name in re.findall(r"\bratings_\w+", text)}
    assert asked - {*there} == set()
    # Nothing is exported that nobody looks at.
    assert {name for name in there if not name.endswith(("_sum", "_created"))} == asked
    for text in expressions():
        for name, labels in re.findall(r"(\bratings_\w+)\{([^}]*)\}", text):
            assert {*re.findall(r"(\w+)[=!]", labels)} <= there[name], text


def test_queues_that_alerts_name_are_queues() -> None:
    named = {
        queue
        for rule in rules()
        for several in re.findall(r'queue[!=]~"([^"]+)"', rule["expr"])
        for queue in several.split("|")
    }
    assert named and named <= {*QUEUES}


@pytest.mark.parametrize("rule", rules(), ids=lambda rule: rule["alert"])
def test_every_alert_says_what_is_wrong_and_the_mend(rule: dict[str, dict[str, str]]) -> None:
    assert set(rule["annotations"]) == {"summary", "mend"}
    assert rule["labels"]["severity"] in ("page", "ticket")


@pytest.mark.skipif(not shutil.which("promtool"), reason="needs promtool (package 'prometheus')")
def test_the_rules_ring_when_they_should(tmp_path: Path) -> None:
    for file in (ALERTS, Path(__file__).with_name("alerts_test.yml")):
        shutil.copy(file, tmp_path)
    for what in (["check", "rules", "alerts.yml"], ["test", "rules", "alerts_test.yml"]):
        subprocess.run(["promtool", *what], cwd=tmp_path, check=True)


def test_without_a_database_only_that_is_told(monkeypatch: pytest.MonkeyPatch) -> None:
    def away(now: object) -> SiteFacts:
        raise OperationalError("connection refused")

    monkeypatch.setattr(exposition, "read_facts", away)
    (gauge,) = exposition.SiteCollector(timezone.now()).collect()
    assert gauge.name == "ratings_database_up" and gauge.samples[0].value == 0
