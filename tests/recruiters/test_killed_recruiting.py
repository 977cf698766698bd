"""A study is recruited until it is decided, its worker killed in the middle of five acts."""

import json
import os
import subprocess
import sys
from contextlib import suppress
from dataclasses import replace
from urllib.parse import parse_qsl, urlsplit

import pytest
from django.db import connection
from django.db.models import Count
from django.test import Client
from django.utils import timezone
from procrastinate.exceptions import AlreadyEnqueued

from ratings.comparisons.models import Recruitment, Stage, Study, Trial
from ratings.comparisons.study.stages import go_over
from ratings.jobs.recruiter_tasks import recruit
from ratings.ranking.fits.early_closing import stop_if_met
from ratings.ranking.fits.refitting import refit
from ratings.recruiters.recruiter_orders import make_draft, publish
from tests.comparisons.builders import build_filled_study, pair_of
from tests.jobs.workers import defer
from tests.management.sites import ROOT
from tests.recruiters.platform_control import Control
from tests.recruiters.platform_server import TOKEN
from tests.recruiters.recruited import LINK, PRICE, PROTOCOL, TABLE
from tests.waiting import eventually

MOST_PEOPLE = 30
PILOT = 3
# In the middle of each the worker is killed: the act took effect, and nobody heard of it.
HELD = [
    ("POST", "/studies/$"),
    ("POST", "/studies/.*/transition/$"),
    ("POST", "/submissions/.*/transition/$"),
    ("PATCH", "/studies/"),
    ("POST", "/submissions/.*/transition/$"),
]


class KilledWorker:
    """A worker of its own process on the tests' database, begun again whenever it was killed."""

    def __init__(self, platform: Control, pk: int) -> None:
        self.platform, self.pk, self.kills = platform, pk, 0
        self.process = self._start()
        self._hold_next()

    def _start(self) -> "subprocess.Popen[bytes]":
        name = connection.settings_dict["NAME"]
        code = (
            "import django; django.setup()\n"
            "from django.db import connections\n"
            f"connections.settings['default']['NAME'] = {name!r}\n"
            "from ratings.jobs.working import work\n"
            "work(['upkeep'], lambda: None)\n"
        )
        environment = os.environ | {
            "DJANGO_SETTINGS_MODULE": "ratings.settings",
            "RATINGS_PROLIFIC_TOKEN": TOKEN,
            "RATINGS_PROLIFIC_URL": self.platform.url,
        }
        return subprocess.Popen([sys.executable, "-c", code], env=environment, cwd=ROOT)

    def _hold_next(self) -> None:
        if self.kills < len(HELD):
            method, path = HELD[self.kills]
            self.platform.fault(method, path, "hold")

    def held(self) -> bool:
        return len(self.platform.ask("state")["held"]) > self.kills

    def turn(self) -> Recruitment:
        """Let the worker take a turn to its end, through however many deaths."""
        since = timezone.now()
        while True:
            with suppress(AlreadyEnqueued):
                defer(recruit)
            eventually(lambda: self.held() or self._was_seen(since), every=0.1)
            if not self.held():
                return Recruitment.objects.get(pk=self.pk)
            self.end()
            self.kills += 1
            self.platform.ask("release")
            self._hold_next()
            self.process = self._start()

    def _was_seen(self, since: object) -> bool:
        return Recruitment.objects.filter(pk=self.pk, seen_at__gt=since).exists()

    def end(self) -> None:
        self.process.kill()
        self.process.wait()


def judge_all(study: Study, link: str) -> None:
    """Come by a platform's link and judge to the end, as the rating page does."""
    told, client = dict(parse_qsl(urlsplit(link).query)), Client()
    sent = {
        "slug": "prolific",
        "participant": told["PROLIFIC_PID"],
        "study": told["STUDY_ID"],
        "session": told["SESSION_ID"],
    }
    body = json.dumps({"consent": True, "platform": sent})
    begun = client.post(f"/api/v1/studies/{study.slug}/raters/", body, "application/json")
    assert begun.status_code == 201, begun.content
    path = f"/api/v1/studies/{study.slug}/trials/next/?count=10"
    while trials := client.get(path).json()["results"]:
        for one in trials:
            trial = Trial.objects.select_related("pair").get(pk=one["id"])
            # Of two entries the first has less noise; each sixth answer errs, as people do.
            assert pair_of(trial).first_id < pair_of(trial).second_id
            is_left = trial.first_left != (trial.number % 6 == 0)
            answer = {"choice": "left" if is_left else "right", "response_ms": 4000}
            path_there = urlsplit(one["judgment"]).path
            done = client.put(path_there, json.dumps(answer), "application/json")
            assert done.status_code == 201, done.content


@pytest.mark.slow
@pytest.mark.django_db(transaction=True)
def test_every_place_is_paid_once_though_the_worker_is_killed_five_times(
    platform: Control,
) -> None:
    """From the pilot to the main stage, to the end."""
    table = replace(TABLE, step=3, money_limit=MOST_PEOPLE * PRICE)
    study = build_filled_study(
        methods=3,
        pictures=12,
        protocol=PROTOCOL,
        trials_per_rater=20,
        stop_when_separated=True,
        pilot={"raters": PILOT},
        stage=Stage.PILOT,
        recruiters=[table.as_json()],
    )
    row = make_draft(study, "prolific", LINK, "olga", timezone.now())
    worker = KilledWorker(platform, row.pk)
    try:
        row = worker.turn()
        assert row.state == Recruitment.State.DRAFT
        publish(row, "olga", timezone.now())
        row, people = worker.turn(), 0
        while row.state == Recruitment.State.RUNNING:
            came = platform.arrive(f"person-{people}")
            if came:
                judge_all(study, came["link"])
                platform.come(came["submission"])
                people += 1
                refit(study, timezone.now())
                study.refresh_from_db()
                stop_if_met(study, timezone.now())
            row = worker.turn()
            if people == PILOT and study.stage == Stage.PILOT:
                row = worker.turn()
                assert platform.study()["status"] in ("PAUSED", "COMPLETED")
                assert platform.arrive("too-early") is None
                go_over(study, "olga", timezone.now())
                row = worker.turn()
        row = worker.turn()
    finally:
        worker.end()
    study.refresh_from_db()
    assert set(study.raters.values_list("stage").annotate(Count("pk"))) == {
        (Stage.PILOT, PILOT),
        (Stage.MAIN, people - PILOT),
    }
    state = platform.ask("state")
    assert worker.kills == len(HELD)
    assert study.stopped_reason and row.reason == study.stopped_reason
    assert len(state["studies"]) == 1 and platform.study()["status"] in ("PAUSED", "COMPLETED")
    paid = [line["submission"] for line in state["ledger"]]
    assert len(paid) == people < MOST_PEOPLE and sorted(paid) == sorted(state["submissions"])
    assert round(sum(line["cost"] for line in state["ledger"])) == row.counts["APPROVED"] * PRICE
    assert row.counts == {"APPROVED": people} and row.places - people <= table.step
    assert set(row.acts.values_list("state", flat=True)) == {"done"}
