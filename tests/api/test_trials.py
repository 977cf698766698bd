"""Raters, trials and judgments over HTTP: refused first, then stored once, and always blind."""

import json
import re
from collections import Counter
from typing import Any
from uuid import uuid4

import numpy as np
import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext

from ratings.comparisons import raters
from ratings.comparisons.models import Judgment, Rater, Study, Trial
from tests.api.conftest import details
from tests.comparisons.builders import build_filled_study, build_rater, build_study, log_in

pytestmark = pytest.mark.django_db

JSON = "application/json"
ANSWER = {"choice": "left", "response_ms": 1234}


@pytest.fixture
def study() -> Study:
    return build_filled_study(methods=3, pictures=3)


def begin(client: Client, study: Study, body: object = None) -> Any:  # noqa: ANN401
    body = {"consent": True} if body is None else body
    return client.post(f"/api/v1/studies/{study.slug}/raters/", body, content_type=JSON)


def ask(client: Client, study: Study, count: object = 1) -> Any:  # noqa: ANN401
    return client.get(f"/api/v1/studies/{study.slug}/trials/next/", {"count": count})


def put(client: Client, trial: dict[str, Any], body: object = ANSWER, **headers: str) -> Any:  # noqa: ANN401
    return client.put(trial["judgment"], body, content_type=JSON, headers=headers)


def first_trial(client: Client, study: Study) -> dict[str, Any]:
    begin(client, study)
    trial: dict[str, Any] = ask(client, study).json()["results"][0]
    return trial


@pytest.mark.parametrize("body", [{}, {"consent": False}, {"consent": "maybe"}, {"consent": None}])
def test_nobody_begins_without_consent(client: Client, study: Study, body: dict[str, Any]) -> None:
    response = begin(client, study, body)
    assert response.status_code == 400
    assert details(response)[0].startswith("consent: ")
    assert not response.cookies
    assert not Rater.objects.exists()


def test_unknown_fields_media_types_and_studies_are_refused(client: Client, study: Study) -> None:
    assert begin(client, study, {"consent": True, "name": "Eve"}).status_code == 400
    url = f"/api/v1/studies/{study.slug}/raters/"
    assert client.post(url, {"consent": "true"}).status_code == 415
    assert begin(client, build_study(slug="x"), []).status_code == 400
    assert client.post("/api/v1/studies/nowhere/raters/", {}, JSON).status_code == 404
    assert client.get("/api/v1/studies/nowhere/trials/next/").status_code == 404
    assert not Rater.objects.exists()


def test_a_closed_study_takes_no_raters_but_what_was_issued(client: Client, study: Study) -> None:
    trial = first_trial(client, study)
    Study.objects.update(is_open=False)
    assert begin(Client(), study).status_code == 403
    assert ask(client, study).status_code == 403
    assert ask(client, study).json()["type"].endswith("#study-closed")
    assert put(client, trial).status_code == 201


def test_beginning_stores_the_text_and_sets_a_cookie_that_no_script_reads(
    client: Client, study: Study
) -> None:
    response = begin(client, study)
    assert response.status_code == 201
    assert response.json() == {"judged": 0, "total": 18}
    (cookie,) = response.cookies.values()
    assert (cookie["httponly"], cookie["samesite"], cookie["path"]) == (True, "Lax", "/")
    assert not cookie["secure"]
    assert Rater.objects.get().consent == study.consent
    assert begin(client, study).status_code == 200
    assert Rater.objects.count() == 1


def test_the_cookie_is_secure_behind_https(client: Client, study: Study, settings: Any) -> None:  # noqa: ANN401
    settings.HTTPS = True
    (cookie,) = begin(client, study).cookies.values()
    assert cookie["secure"]


def test_forged_and_foreign_cookies_are_nobody(client: Client, study: Study) -> None:
    other = build_rater(build_study())
    for value in ("", other.pk.hex, raters.cookie_value(other) + "x", raters.cookie_value(other)):
        client.cookies[raters.cookie_name(study)] = value
        response = ask(client, study)
        assert response.status_code == 403
        assert response.json()["type"].endswith("#no-rater")


@pytest.mark.parametrize("count", [0, 11, -1, "many", "1.5"])
def test_counts_out_of_range_are_refused(client: Client, study: Study, count: object) -> None:
    begin(client, study)
    response = ask(client, study, count)
    assert response.status_code == 400
    assert details(response)[0].startswith("count: ")


def test_trials_come_with_addresses_and_progress(client: Client, study: Study) -> None:
    begin(client, study)
    response = ask(client, study, 2)
    assert response["Cache-Control"] == "no-store"
    body = response.json()
    assert (body["judged"], body["total"]) == (0, 18)
    assert [trial["number"] for trial in body["results"]] == [1, 2]
    assert ask(client, study, 2).json() == body
    put(client, body["results"][0])
    after = ask(client, study, 2).json()
    assert after["judged"] == 1
    assert [trial["number"] for trial in after["results"]] == [2, 3]


def test_an_empty_list_says_that_nothing_is_left(client: Client) -> None:
    study = build_filled_study(methods=2, pictures=1, trials_per_rater=1)
    put(client, first_trial(client, study))
    assert ask(client, study, 3).json() == {"judged": 1, "total": 1, "results": []}


def test_studies_are_listed(client: Client, study: Study) -> None:
    (listed,) = client.get("/api/v1/studies/").json()["results"]
    assert listed["slug"] == study.slug
    assert listed["phase"] == study.phase.slug


@pytest.mark.parametrize(
    ("body", "problem"),
    [
        ({"choice": "left"}, "response_ms: This field is required."),
        ({"response_ms": 1}, "choice: This field is required."),
        (ANSWER | {"choice": "both"}, "choice: It must be one of left, right, tie."),
        (ANSWER | {"choice": ["left"]}, "choice: "),
        (ANSWER | {"response_ms": -1}, "response_ms: It must be a whole number from 0 "),
        (ANSWER | {"response_ms": 1.5}, "response_ms: "),
        (ANSWER | {"response_ms": True}, "response_ms: "),
        (ANSWER | {"response_ms": 10**30}, "response_ms: "),
        (ANSWER | {"device_pixel_ratio": float("nan")}, "device_pixel_ratio: It must be a number"),
        (ANSWER | {"flips": "2"}, "flips: "),
        (ANSWER | {"input": "nose"}, "input: "),
        (ANSWER | {"mood": "good"}, "mood: This field is unknown; known are: choice, "),
        (ANSWER | {"choice": "tie"}, "choice: this study takes no ties"),
        ([ANSWER], "The body must be a JSON object."),
    ],
)
def test_wrong_judgments_are_refused(
    client: Client, study: Study, body: object, problem: str
) -> None:
    trial = first_trial(client, study)
    response = put(client, trial, body)
    assert response.status_code == 400
    assert details(response)[0].startswith(problem)
    assert not Judgment.objects.exists()


def test_broken_huge_and_misnamed_bodies_are_refused(client: Client, study: Study) -> None:
    url = first_trial(client, study)["judgment"]
    for body in (b"{", b"\xff", b"[" * 5000, b"null"):
        assert client.put(url, body, content_type=JSON).status_code == 400
    assert client.put(url, json.dumps(ANSWER) + " " * 9000, content_type=JSON).status_code == 413
    assert client.put(url, json.dumps(ANSWER), content_type="text/plain").status_code == 415
    assert client.put(url, "choice=left", "application/x-www-form-urlencoded").status_code == 415
    for method in (client.get, client.post, client.delete, client.patch):
        assert method(url).status_code == 405
    assert client.put("/api/v1/trials/7/judgment/", ANSWER, content_type=JSON).status_code == 404
    assert not Judgment.objects.exists()


def test_requests_of_other_sites_are_refused(study: Study) -> None:
    client = Client(enforce_csrf_checks=True)
    trial = first_trial(client, study)
    for headers in (
        {"sec-fetch-site": "cross-site"},
        {"sec-fetch-site": "same-site"},
        {"sec-fetch-site": "cross-site", "origin": "http://testserver"},
        {"origin": "https://evil.example"},
        {"origin": "null"},
    ):
        assert put(client, trial, **headers).status_code == 403
    assert not Judgment.objects.exists()
    own = {"sec-fetch-site": "same-origin", "origin": "http://testserver"}
    assert put(client, trial, **own).status_code == 201


def test_a_trial_of_somebody_else_is_unknown(client: Client, study: Study) -> None:
    trial = first_trial(client, study)
    begin(stranger := Client(), study)
    for other in (stranger, Client()):
        assert put(other, trial).status_code == 404
    unknown = {"judgment": f"/api/v1/trials/{uuid4()}/judgment/"}
    assert put(client, unknown).status_code == 404


def test_a_judgment_is_stored_once(client: Client, study: Study) -> None:
    trial = first_trial(client, study)
    display = {"device_pixel_ratio": 1.25, "flips": 3, "input": "key", "shown_first": "right"}
    stored = {"trial": trial["id"]} | ANSWER
    response = put(client, trial, ANSWER | display)
    assert (response.status_code, response.json()) == (201, stored)
    assert Judgment.objects.get().display == display
    again = put(client, trial, ANSWER | {"response_ms": 9})
    assert (again.status_code, again.json()) == (200, stored)
    contradiction = put(client, trial, ANSWER | {"choice": "right"})
    assert contradiction.status_code == 409
    assert details(contradiction) == ["This trial was judged already: left. That judgment stays."]


def test_two_studies_in_one_browser_do_not_mix(client: Client, study: Study) -> None:
    other = build_filled_study()
    trials = [first_trial(client, study), first_trial(client, other)]
    assert [put(client, trial).status_code for trial in trials] == [201, 201]
    assert Rater.objects.count() == 2


def test_a_judgment_costs_one_statement(client: Client, study: Study) -> None:
    trial = first_trial(client, study)
    with CaptureQueriesContext(connection) as queries:
        assert put(client, trial).status_code == 201
    # The check of the connection's health is the second round trip.
    assert len(queries) == 1


def test_issuing_costs_the_same_however_much_is_judged(client: Client) -> None:
    study = build_filled_study(methods=4, pictures=4, trials_per_rater=40)
    begin(client, study)
    costs = []
    for _ in range(12):
        with CaptureQueriesContext(connection) as queries:
            (trial,) = ask(client, study).json()["results"]
        costs.append(len(queries))
        put(client, trial)
    # The first trial of all begins the study's version.
    assert len(set(costs[1:])) == 1
    assert len(ask(client, study, 10).json()["results"]) == 10
    with CaptureQueriesContext(connection) as queries:
        assert len(ask(client, study, 10).json()["results"]) == 10
    assert len(queries) < costs[1]


def test_nothing_in_a_trial_tells_which_method_is_which(client: Client) -> None:
    study = build_filled_study(methods=2, pictures=6, trials_per_rater=20)
    names = {word for e in study.entries.all() for word in (e.label, str(e.submission_id))}
    begin(client, study)
    sides: Counter[bool] = Counter()
    for _ in range(10):
        response = ask(client, study)
        text = response.content.decode() + str(response.headers)
        assert not any(name in text for name in names)
        (trial,) = response.json()["results"]
        addresses = [trial[key] for key in ("left", "right", "original")]
        assert all(re.fullmatch(r"/crops/[0-9a-f]{32}\.webp", address) for address in addresses)
        files = [client.get(address) for address in addresses]
        left, right, original = [dict(file.headers) for file in files]
        lengths = [len(b"".join(file.streaming_content)) for file in files]
        assert lengths[0] == lengths[1]
        assert left == right
        assert {k: v for k, v in original.items() if k != "Content-Length"} == {
            k: v for k, v in left.items() if k != "Content-Length"
        }
        assert not {"ETag", "Last-Modified", "Content-Disposition", "Set-Cookie"} & set(left)
        row = Trial.objects.select_related("pair").get(pk=trial["id"])
        first = row.crop.versions.get(entry=row.pair.first_id).address
        assert (first in trial["left"]) == row.first_left
        sides[row.first_left] += 1
        put(client, trial)
    assert set(sides.values()) == {5}


def test_a_cookie_of_a_rater_goes_on_in_another_client(study: Study) -> None:
    rater = build_rater(study)
    clients = [Client(), Client()]
    for one in clients:
        log_in(one, rater)
    bodies = [ask(one, study, 3).json() for one in clients]
    assert bodies[0] == bodies[1]
    assert np.all([trial["number"] for trial in bodies[0]["results"]] == np.arange(1, 4))


def test_the_schema_holds_every_call(client: Client) -> None:
    paths = client.get("/api/v1/schema/", {"format": "json"}).json()["paths"]
    assert "put" in paths["/api/v1/trials/{id}/judgment/"]
    assert "post" in paths["/api/v1/studies/{slug}/raters/"]
    assert "get" in paths["/api/v1/studies/{slug}/trials/next/"]
    body = paths["/api/v1/trials/{id}/judgment/"]["put"]["requestBody"]["content"][JSON]["schema"]
    assert body["required"] == ["choice", "response_ms"]
