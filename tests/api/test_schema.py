"""The API is what its schema says: requests made from it, as everyone who may ask.

Every call of the schema is tried, so what is new is tried too. Names that are known here come with
values that exist (`known_values`); any others are made up.
"""

import json
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest
from django.test import Client
from drf_spectacular.generators import SchemaGenerator
from pytest_django.live_server_helper import LiveServer

from ratings.comparisons.models import Study
from tests.api.conftest import basic, begin, logged_in
from tests.builders import (
    NOW,
    PASSWORD,
    build_challenge,
    build_dataset,
    build_organizer,
    build_original,
    build_phase,
    build_token,
)
from tests.waiting import PATIENCE_SECONDS
from tests.web.builders import build_ranked_study

ONE, TEAM = "one", "xvc"
CALL = [str(Path(sys.executable).parent / "schemathesis"), "run", "--no-color"]
DELETES = "delete_submission"  # one that is there for it alone: the others ask for what stays
# How many requests of each kind: whoever may do little is refused the same by each.
EXAMPLES = {"nobody": 2, "team": 6, "rater": 3, "organizer": 6}
BOUNDS = [
    *("--generation-deterministic", "--generation-codec=ascii"),
    f"--request-timeout={PATIENCE_SECONDS}",  # else it gives up where all takes longer
]
CONFIG = """
hooks = "hooks"

# What is wrong is drawn at random; going through all of it takes minutes.
[phases.coverage]
unexpected-methods = []
[phases.coverage.generation]
mode = "positive"

# What a rule refuses (422) no schema can know.
[checks.positive_data_acceptance]
expected-statuses = ["2xx", "3xx", 401, 403, 404, 409, 412, 422, 428, 429, 503]

# Nor whether a study takes ties or knows a platform, or what only organizers may say.
[[operations]]
include-operation-id = ["put_judgment", "begin_session", "begin_submission", "list_submissions"]
[operations.checks.positive_data_acceptance]
enabled = false

# Any text is a definition to be checked: what is wrong with it is the answer.
[[operations]]
include-operation-id = ["check_definition"]
[operations.checks.negative_data_rejection]
enabled = false

# A login that is made up is that of a new team; and what is deleted is there for nobody.
[[operations]]
include-operation-id = ["begin_submission", "delete_submission"]
[operations.checks.ignored_auth]
enabled = false
"""
# How a definition that is made up is sent: as its text.
HOOKS = """
import schemathesis

@schemathesis.serializer("application/toml")
def toml(ctx, value):
    return str(value).encode()
"""


def schema_of(known: dict[str, list[str]]) -> dict[str, Any]:
    """Return the schema, in which names that are known have values that exist."""
    made = SchemaGenerator().get_schema(public=True)  # type: ignore[no-untyped-call]
    schema: dict[str, Any] = json.loads(json.dumps(made))
    for calls in schema["paths"].values():
        for call in calls.values():
            asked = call.get("parameters", [])
            # No digest that is made up is the content's.
            call["parameters"] = [one for one in asked if one["name"] != "Content-Digest"]
            for parameter in call["parameters"]:
                if values := known.get(call["operationId"]) or known.get(parameter["name"]):
                    parameter["schema"] = {"type": "string", "enum": values}
    for name, component in schema["components"]["schemas"].items():
        for field, values in known.items():
            if name.endswith("Request") and field in component["properties"]:
                component["properties"][field] = {"type": "string", "enum": values}
    return schema


@pytest.fixture
def known_values() -> dict[str, list[str]]:
    """Build a site where everything is under way; return the names of what it has."""
    challenge = build_challenge(slug=ONE)
    dataset = build_dataset(challenge, slug=ONE)
    for name in ("a.png", "b.png"):
        build_original(dataset, name=name)
    dates: dict[str, Any] = {"originals_open_at": NOW, "boards_open_at": NOW}
    phase = build_phase(challenge, slug=ONE, datasets=[dataset], byte_budget=1000, **dates)
    Study.objects.filter(pk=build_ranked_study(phase).pk).update(slug=ONE)
    stays, deleted = (begin(logged_in(TEAM, PASSWORD), phase).json()["id"] for _ in range(2))
    return {
        **{key: [ONE] for key in ("slug", "challenge", "phase", "dataset", "study")},
        "name": ["a.png", "a.bits", "scores"],
        "form": ["svg", "pdf"],
        "submission_id": [stays],
        DELETES: [deleted],
        "team": [TEAM],
    }


def rater_of(known: dict[str, list[str]]) -> str:
    """Begin as a rater, note the trial that comes first, and return the cookie."""
    rater = Client()
    rater.post(f"/api/v1/studies/{ONE}/raters/", {"consent": True}, "application/json")
    trials = rater.get(f"/api/v1/studies/{ONE}/trials/next/").json()["results"]
    known["trial_id"] = [trial["id"] for trial in trials]
    return "; ".join(f"{name}={morsel.value}" for name, morsel in rater.cookies.items())


@pytest.mark.slow
@pytest.mark.parametrize("who", EXAMPLES)
def test_every_answer_is_in_the_schema(
    live_server: LiveServer, known_values: dict[str, list[str]], tmp_path: Path, who: str
) -> None:
    cookie = f"Cookie: {rater_of(known_values)}"
    headers = {
        "nobody": [],
        "team": [f"Authorization: {basic(TEAM, PASSWORD)}"],
        "rater": [cookie],
        "organizer": [f"Authorization: Bearer {build_token(build_organizer())}", cookie],
    }[who]
    # Whoever may do all is asked systematically too; it takes longer.
    phases = "coverage,fuzzing" if who == "organizer" else "fuzzing"
    (tmp_path / "schemathesis.toml").write_text(CONFIG)
    (tmp_path / "hooks.py").write_text(HOOKS)
    schema = tmp_path / "schema.json"
    schema.write_text(json.dumps(schema_of(known_values)))
    asked = [*CALL, str(schema), f"--url={live_server.url}", *BOUNDS, f"--phases={phases}"]
    asked += [f"--max-examples={EXAMPLES[who]}"]
    if who == "team":  # a login that is made up is that of a new team
        asked += ["--exclude-checks=ignored_auth"]
    asked += [part for header in headers for part in ("--header", header)]
    done = subprocess.run(asked, cwd=tmp_path, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stdout + done.stderr
