"""Baselines by calls and a worker: started, made, looked at, stopped."""

import json
from typing import Any

import pytest
from django.db import connection
from django.test import Client
from procrastinate.contrib.django.models import ProcrastinateJob

from ratings.jobs.tasks import ATTEMPTS
from ratings.submissions.intake.baseline_orders import KILLED
from tests.builders import build_token
from tests.codecs.phases import build_photo_phase
from tests.jobs.workers import run_worker, statuses

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.usefixtures("decoding")]


def test_a_worker_makes_what_a_call_asks_for_and_one_that_is_stopped_is_not_made() -> None:
    phase = build_photo_phase()
    organizer = Client(headers={"Authorization": f"Bearer {build_token()}"})
    address = f"/api/v1/challenges/{phase.challenge.slug}/phases/{phase.slug}/baselines/"

    def post(path: str, **body: Any) -> Any:  # noqa: ANN401
        return organizer.post(path, json.dumps(body), "application/json")

    def states() -> dict[str, str]:
        listed = organizer.get(address).json()["results"]
        return {one["codec"]: one["order"]["state"] for one in listed if one["order"]}

    refused = post(address, codecs=["JPEG", "VVC"])
    assert refused.status_code == 422 and refused.json()["type"].endswith("#baseline")
    assert post(address, codecs="JPEG").status_code == 400
    assert states() == {} and Client().post(address).status_code == 401
    assert post(address, codecs=["JPEG", "WebP"]).status_code == 202
    assert post(f"{address}stop/", codecs=["WebP"]).status_code == 200
    assert states() == {"JPEG": "waiting", "WebP": "stopped"}
    run_worker(["baselines"])
    assert states() == {"JPEG": "entered", "WebP": "stopped"}
    assert statuses("make_baseline") == ["succeeded", "succeeded"]
    assert phase.submissions.get().method == "JPEG"
    assert ProcrastinateJob.objects.filter(task_name__endswith="score_picture").count() == 3
    post(address, codecs=["JPEG"], again=True)
    assert post(f"{address}stop/").json()["results"][0]["order"]["state"] == "stopped"


def test_one_that_kills_each_worker_is_given_up() -> None:
    phase = build_photo_phase()
    organizer = Client(headers={"Authorization": f"Bearer {build_token()}"})
    address = f"/api/v1/challenges/{phase.challenge.slug}/phases/{phase.slug}/baselines/"
    organizer.post(address, json.dumps({"codecs": ["JPEG"]}), "application/json")
    with connection.cursor() as cursor:
        cursor.execute("UPDATE procrastinate_jobs SET attempts = %s", [ATTEMPTS])
    run_worker(["baselines"])
    order = phase.baseline_orders.get()
    assert (order.state, order.words) == ("failed", KILLED)
