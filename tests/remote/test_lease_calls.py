"""Leases of runs over REST: what a worker's token is good for, and what is taken from it."""

import base64
import hashlib
import json
import platform
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from django.test import Client
from django.utils import timezone
from pytest_django.fixtures import Settings

from ratings.challenge.refusals import Refused
from ratings.files_place import BucketPlace
from ratings.health.site_facts import read_facts
from ratings.jobs.delivery_tasks import tidy_runs
from ratings.sandbox.results.telling_elsewhere import OLD_WORKER, UNTOLD
from ratings.sandbox.worlds import ELSEWHERE
from ratings.storage import content_store
from ratings.storage.scratch import DECODING, scratch
from ratings.storage.shelves import CONTENT
from ratings.submissions.models import Delivery, Run, Submission, Worker
from ratings.submissions.runs.deliveries import LOST, release_lease
from ratings.submissions.runs.elsewhere import MOST_PICTURES
from ratings.submissions.runs.lease import LEASE_SECONDS
from ratings.submissions.runs.workers import add_worker, revoke_worker
from tests.api.conftest import bearer, details
from tests.builders import build_organizer, build_token
from tests.jobs.decoders import act, bits_of, open_phase, organizer, send, shown, team
from tests.jobs.workers import defer, exhaust_retries, run_worker, statuses

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.usefixtures("decoding")]
ABOUT = {"machine": platform.machine(), "processor": "a chip", "environment": {"python": "3"}}
PROGRAM = b"#!/bin/sh\n"


@pytest.fixture
def run() -> Run:
    """Save a submission whose decoder waits to be run."""
    send(team(), open_phase(own_scores=True), PROGRAM)
    return Run.objects.get()


def worker(name: str = "attic") -> Client:
    return bearer(add_worker(name, "ann", timezone.now()))


def lease_of(client: Client, **about: object) -> Any:  # noqa: ANN401
    return client.post("/api/v1/leases/", json.dumps(ABOUT | about), "application/json")


def leased(client: Client) -> str:
    """Lease a run; return the lease's address."""
    lease = lease_of(client).json()
    return f"/api/v1/leases/{lease['run']}/{lease['attempt']}/"


def put(client: Client, path: str, content: bytes, digest: bytes | None = None) -> Any:  # noqa: ANN401
    sha256 = hashlib.sha256(content).digest() if digest is None else digest
    headers = {"Content-Digest": f"sha-256=:{base64.b64encode(sha256).decode()}:"}
    return client.put(path, content, "application/octet-stream", headers=headers)


def pictures_of(run: Run) -> dict[str, bytes]:
    return {original.name: bits_of(original) for original in run.submission.phase.originals()}


def kept_of(run: Run) -> dict[str, bytes]:
    """Return the submission's decoded images by name."""
    images = run.submission.decoded_images.values_list("original__name", "sha256")
    return {name: content_store.load(sha256) for name, sha256 in images}


def digest_of(content: bytes) -> str:
    return hashlib.sha256(content).hexdigest()


def record_of(pictures: dict[str, bytes], **other: object) -> bytes:
    """Return the record of a run that made these pictures, as a worker writes it."""
    outputs = {
        f"out/{name}": {"size_bytes": len(png), "sha256": hashlib.sha256(png).hexdigest()}
        for name, png in pictures.items()
    }
    ended = {"status": 0, "limit": None, "stopped": False, "log": "made\n", "outputs": outputs}
    used = {"wall_seconds": 1.5, "cpu_seconds": 1, "peak_memory_bytes": 1 << 20}
    others = {"left_out": {}, "before": [], "others": [], "others_in_all": 0}
    told = {"environment": {"python": "3"}, "processor": "a chip"}
    return json.dumps(ended | used | others | told | other).encode()


def test_what_is_delivered_is_judged_once_however_often_it_is_sent(run: Run) -> None:
    client, pictures = worker(), pictures_of(run)
    lease = lease_of(client).json()
    assert lease["decoder"]["sha256"] == hashlib.sha256(PROGRAM).hexdigest()
    assert [file["name"] for file in lease["bitstreams"]] == ["a.bits", "b.bits"]
    address, record = f"/api/v1/leases/{lease['run']}/1/", record_of(pictures)
    assert lease_of(client).status_code == 204, "it is leased to one worker"
    assert put(client, f"{address}log", b"ma").status_code == 204
    assert shown(organizer(), f"/api/v1/submissions/{run.submission_id}/")["log"] == "ma"
    refused = put(client, f"{address}decoded/a.png", pictures["a.png"], bytes(32))
    assert (refused.status_code, "SHA-256" in details(refused)[0]) == (400, True)
    refused = put(client, f"{address}decoded/c.png", b"")
    assert refused.status_code == 404
    refused = put(client, f"{address}record", record)
    assert refused.status_code == 409
    assert [line.partition(" ")[0] for line in details(refused)] == [
        "decoded/a.png",
        "decoded/b.png",
    ]
    for name in ("a.png", "b.png", "b.png"):
        assert put(client, f"{address}decoded/{name}", pictures[name]).status_code == 204
    for _ in range(2):
        assert put(client, f"{address}record", record).status_code == 204
    for path in ("renew/", "decoder"):
        assert (
            client.generic("POST" if path == "renew/" else "GET", address + path).status_code == 409
        )
    run_worker(["scoring"])
    assert put(client, f"{address}record", record).status_code == 204, "its answer was lost"
    run.refresh_from_db()
    assert (run.state, run.log, run.worker) == (Run.State.SUCCEEDED, "made\n", Worker.objects.get())
    assert Submission.objects.get().state == Submission.State.SCORED
    assert kept_of(run) == pictures
    assert not list(scratch(DECODING).iterdir()), "nothing is left of the delivery"
    assert not (Delivery.objects.exists() or CONTENT.has(digest_of(record)))


def test_servers_and_workers_share_no_folder_beside_the_store(
    bucket: BucketPlace, settings: Settings, tmp_path: Path, run: Run
) -> None:
    def on_machine(name: str) -> None:
        """Go on, on a machine that has the database and the bucket, and a disk of its own."""
        location = {"OPTIONS": {"location": tmp_path / name}}
        settings.STORAGES = settings.STORAGES | {"default": settings.STORAGES["default"] | location}

    client, pictures = worker(), pictures_of(run)
    address = leased(client)
    for name, png in pictures.items():
        on_machine(f"web server for {name}")
        assert put(client, f"{address}decoded/{name}", b"other bytes").status_code == 204
        assert put(client, f"{address}decoded/{name}", png).status_code == 204
    assert not CONTENT.has(digest_of(b"other bytes")), "nobody names what was replaced"
    on_machine("web server for the record")
    assert put(client, f"{address}record", record_of(pictures)).status_code == 204
    on_machine("worker")
    run_worker(["scoring"])
    assert Submission.objects.get().state == Submission.State.SCORED
    assert kept_of(run) == pictures
    assert not Delivery.objects.exists()


def test_pictures_are_looked_at_as_uploads_are(run: Run) -> None:
    client = worker()
    address = leased(client)
    pictures = pictures_of(run) | {"b.png": b"\x89PNG no picture"}
    for name, png in pictures.items():
        put(client, f"{address}decoded/{name}", png)
    assert put(client, f"{address}record", record_of(pictures)).status_code == 204
    run_worker(["scoring"])
    run.refresh_from_db()
    assert run.state == Run.State.FAILED
    (problem,) = Submission.objects.get().problems
    assert problem.startswith("b.png: ")
    assert not run.submission.decoded_images.exists()


NO_RECORDS = [
    b"no JSON",
    b"[]",
    b"{}",
    record_of({}, status=256),
    record_of({}, cpu_seconds=float("nan")),
    record_of({}, peak_memory_bytes=1 << 70),
    record_of({}, log=None),
    record_of({}, log="\ud800"),
    record_of({}, limit="patience"),
    record_of({}, outputs={"a.png": {"size_bytes": 1, "sha256": "../../a"}}),
    b'{"refused": [' + b"[" * 5000 + b"]" * 5000 + b"]}",
    b'{"refused": []}',
]


def test_a_record_that_can_t_be_read_is_refused(run: Run) -> None:
    client = worker()
    address = leased(client)
    for record in NO_RECORDS:
        refused = put(client, f"{address}record", record)
        assert refused.status_code == 422 and details(refused), record[:80]
    assert client.post(f"{address}renew/").status_code == 204, "it may be mended"
    refusal = json.dumps({"refused": ["decode: it is empty."]}).encode()
    assert put(client, f"{address}record", refusal).status_code == 204
    run_worker(["scoring"])
    submission = Submission.objects.get()
    assert (submission.problems, submission.never_ran) == (["decode: it is empty."], True)


def test_a_lease_is_its_worker_s_alone_and_ends(run: Run) -> None:
    client, other = worker(), worker("cellar")
    address = leased(client)
    paths = [("POST", "renew/"), ("GET", "decoder"), ("GET", "bitstreams/a.bits"), ("PUT", "log")]
    paths += [("PUT", "decoded/a.png"), ("PUT", "record"), ("POST", "release/")]

    def asked(by: Client, at: str) -> set[int]:
        return {
            by.generic(method, at + path, "{}", "application/octet-stream").status_code
            for method, path in paths
        }

    assert asked(other, address) == {409}
    assert asked(client, address.replace("/1/", "/2/")) == {409}
    assert asked(bearer(build_token(build_organizer())), address) == {401}
    assert asked(Client(), address) == {401}
    assert client.post(f"{address}renew/").status_code == 204
    fault = json.dumps({"fault": "The disk is full."})
    assert client.post(f"{address}release/", fault, "application/json").status_code == 204
    assert details(client.get(f"{address}decoder")) == [LOST]
    assert (Run.objects.get().state, Run.objects.get().fault) == ("waiting", "The disk is full.")
    second = leased(other)
    assert second.endswith("/2/")
    late = timezone.now() - timedelta(seconds=LEASE_SECONDS)
    Run.objects.update(heartbeat_at=late)
    assert other.post(f"{second}renew/").status_code == 204, "nobody else wanted it"
    revoke_worker(Worker.objects.get(name="cellar").pk, "ann", timezone.now())
    assert asked(other, second) == {401}


def test_who_gives_up_late_takes_nothing_from_who_runs_it_now(run: Run) -> None:
    leased(worker())
    late = Run.objects.get()
    Run.objects.update(heartbeat_at=timezone.now() - timedelta(seconds=2 * LEASE_SECONDS))
    other = worker("cellar")
    assert put(other, f"{leased(other)}decoded/a.png", pictures_of(run)["a.png"]).status_code == 204
    with pytest.raises(Refused, match="lease"):
        release_lease(late, "tired", timezone.now())
    assert Run.objects.get().state == Run.State.RUNNING
    assert [one.name for one in Delivery.objects.all()] == ["a.png"]


def test_a_token_is_good_for_leases_alone(run: Run) -> None:
    client = worker()
    leased(client)
    for path in ("submissions/", f"submissions/{run.submission_id}/", "audit/", "accounts/"):
        assert client.get(f"/api/v1/{path}").status_code == 401
    phase = run.submission.phase
    picture = f"/api/v1/challenges/{phase.challenge.slug}/phases/{phase.slug}/originals/a.png"
    assert client.get(picture).status_code in (401, 404)


def test_a_machine_on_which_decoders_would_differ_is_refused(run: Run, settings: Settings) -> None:
    client = worker()
    assert "built for" in details(lease_of(client, machine="pdp11"))[0]
    settings.SANDBOX_IMAGE = "decoders@sha256:" + "a" * 64
    refused = lease_of(client)
    assert refused.status_code == 422
    assert f"RATINGS_SANDBOX_IMAGE={settings.SANDBOX_IMAGE}" in details(refused)[0]
    assert lease_of(client, environment={"image": "sha256:" + "a" * 64}).status_code == 200


def waiting_decoders() -> int:
    """Return how many jobs wait for a worker of the site's that runs decoders, as is told."""
    waiting = {queue.name: queue.waiting for queue in read_facts(timezone.now()).queues}
    return waiting.get("decoding", 0)


def test_a_run_that_was_stopped_is_not_delivered(run: Run) -> None:
    client, pictures = worker(), pictures_of(run)
    address = leased(client)
    assert put(client, f"{address}decoded/a.png", b"of no use to anybody").status_code == 204
    act(organizer(), f"/api/v1/submissions/{run.submission_id}/", "stop")
    assert put(client, f"{address}decoded/a.png", pictures["a.png"]).status_code == 409
    assert put(client, f"{address}record", record_of(pictures)).status_code == 409
    defer(tidy_runs)
    run_worker(["upkeep"])
    assert not CONTENT.has(digest_of(b"of no use to anybody"))
    assert statuses("decode_submission") == []


def test_only_a_run_that_nobody_carries_out_waits_in_the_queue(run: Run) -> None:
    assert waiting_decoders() == 1
    client = worker()
    address = leased(client)
    assert waiting_decoders() == 0, "it runs elsewhere"
    Run.objects.update(heartbeat_at=timezone.now() - timedelta(seconds=LEASE_SECONDS))
    assert waiting_decoders() == 1, "its worker fell silent"
    assert put(client, f"{address}record", record_of({})).status_code == 204
    assert waiting_decoders() == 0, "it waits to be judged"
    defer(tidy_runs)
    run_worker(["upkeep"])
    assert statuses("decode_submission") == ["todo"], "it may have to be run again"
    assert Delivery.objects.count() == 1
    act(organizer(), f"/api/v1/submissions/{run.submission_id}/", "stop")
    assert waiting_decoders() == 0, "it has ended"


def test_a_delivery_that_is_lost_here_is_run_again(run: Run) -> None:
    client, record = worker(), record_of({})
    address = leased(client)
    assert put(client, f"{address}record", record).status_code == 204
    assert lease_of(client).status_code == 204, "it waits to be judged, and not for a worker"
    CONTENT.delete(digest_of(record))
    exhaust_retries(["scoring"])
    run.refresh_from_db()
    assert (run.state, Submission.objects.get().state) == ("waiting", "queued")
    assert leased(client).endswith("/2/")
    assert not Delivery.objects.exists(), "it is another attempt's"


def test_a_run_elsewhere_is_leased_with_its_world_and_a_share_and_told_of() -> None:
    names = [f"{number}.png" for number in range(MOST_PICTURES + 2)]
    address = send(team(), open_phase(names=names, elsewhere="tell"), PROGRAM)
    client, first = worker(), Run.objects.get()
    pictures = pictures_of(first)

    def deliver(**told: object) -> dict[str, Any]:
        lease = lease_of(client).json()
        wanted = {one["name"]: pictures[one["name"]] for one in lease["pictures"]}
        assert len(lease["bitstreams"]) == len(wanted)
        for name, png in wanted.items():
            put(client, f"/api/v1/leases/{lease['run']}/1/decoded/{name}", png)
        record = record_of(wanted, **told)
        assert put(client, f"/api/v1/leases/{lease['run']}/1/record", record).status_code == 204
        run_worker(["scoring"])
        return dict(lease)

    lease = deliver()
    assert (lease["world"], len(lease["pictures"])) == ("usual", len(names))
    assert Run.objects.filter(world=ELSEWHERE.slug, state=Run.State.WAITING).count() == 1
    environment = {"python": "3", "world": ELSEWHERE.slug}
    lease = deliver(environment=environment, processor="another chip")
    assert (lease["world"], len(lease["pictures"])) == (ELSEWHERE.slug, MOST_PICTURES)
    elsewhere = shown(organizer(), address)["elsewhere"]
    assert (elsewhere["state"], elsewhere["processor"]) == ("succeeded", "another chip")
    assert "on another processor, all come again" in elsewhere["verdict"]


def test_a_worker_that_knows_no_other_world_tells_nothing_of_one() -> None:
    address = send(team(), open_phase(names=("a.png",), elsewhere="tell"), PROGRAM)
    client, first = worker(), Run.objects.get()
    for attempt in ("first", "elsewhere"):
        lease, pictures = leased(client), pictures_of(first)
        put(client, f"{lease}decoded/a.png", pictures["a.png"])
        assert put(client, f"{lease}record", record_of(pictures)).status_code == 204, attempt
        run_worker(["scoring"])
    elsewhere = shown(organizer(), address)["elsewhere"]
    assert (elsewhere["state"], elsewhere["pictures"]) == ("stopped", None)
    assert elsewhere["verdict"] == UNTOLD + OLD_WORKER
