"""Decoders of tests: sent over REST, run by workers of their own process."""

import base64
import io
import json
import os
import subprocess
import sys
import zipfile
from collections.abc import Callable
from datetime import timedelta
from typing import Any

from django.db import connection
from django.test import Client
from django.utils import timezone
from pytest_django.fixtures import Settings

from ratings.challenge.models import Original, Phase
from ratings.storage import content_store
from tests.builders import PASSWORD, build_organizer, build_phase, build_token
from tests.waiting import eventually

SUBMISSIONS = "/api/v1/submissions/"
MIB = 1 << 20
# A bitstream is the picture as PNG: decoding is renaming.
COPY = """#!/usr/bin/env python3
from pathlib import Path
from PIL import Image
Path("out").mkdir()
for bits in sorted(Path().glob("*.bits")):
    print("decoding", bits, flush=True)
    Image.open(bits).save(f"out/{bits.stem}.png")
"""


def open_phase(**fields: Any) -> Phase:
    """Save a phase that is open now and runs decoders, with limits that tests can meet."""
    now = timezone.now()
    limits = {"cpu_seconds": 20, "memory_bytes": 256 * MIB, "processes": 32}
    instants = {"opens_at": now - timedelta(days=1), "closes_at": now + timedelta(days=1)}
    defaults = {"decoder_rule": "required", "decoder_limits": limits, **instants}
    return build_phase(**(defaults | fields))  # type: ignore[arg-type]


def zipped(program: str) -> bytes:
    made = io.BytesIO()
    with zipfile.ZipFile(made, "w") as archive:
        archive.writestr("decode", program)
    return made.getvalue()


def team(name: str = "xvc") -> Client:
    login = base64.b64encode(f"{name}:{PASSWORD}".encode()).decode()
    return Client(headers={"Authorization": f"Basic {login}"})


def organizer() -> Client:
    token = build_token(build_organizer())
    return Client(headers={"Authorization": f"Bearer {token}"})


def bits_of(original: Original) -> bytes:
    return content_store.load(original.sha256)


def send(
    client: Client,
    phase: Phase,
    decoder: bytes,
    bits: Callable[[Original], bytes] = bits_of,
    **more: str,
) -> str:
    """Send a submission without decoded images, close it, and return its address."""
    fields = {"challenge": phase.challenge.slug, "phase": phase.slug, "method": "copy", **more}
    begun = client.post(SUBMISSIONS, json.dumps(fields), "application/json")
    assert begun.status_code == 201, begun.content
    address = f"{SUBMISSIONS}{begun.json()['id']}/"
    contents = {f"bitstreams/{o.stem}.bits": bits(o) for o in phase.originals()}
    for path, content in {"decoder": decoder, **contents}.items():
        put = client.put(address + path, content, "application/octet-stream")
        assert put.status_code == 201, put.content
    submitted = client.post(f"{address}submit/")
    assert submitted.status_code == 200, submitted.content
    assert submitted.json()["state"] == "queued"
    return address


def shown(client: Client, address: str) -> dict[str, Any]:
    return dict(client.get(address).json())


def act(client: Client, address: str, what: str) -> Any:  # noqa: ANN401
    return client.post(f"{address}{what}/", json.dumps({"note": "a test"}), "application/json")


def start_worker(settings: Settings, look_seconds: float = 60) -> "subprocess.Popen[bytes]":
    """Start a worker of its own process on the tests' database.

    So often it looks which environments its machine has.
    """
    name, sandbox = connection.settings_dict["NAME"], str(settings.SANDBOX_DIR)
    location = str(settings.STORAGES["default"]["OPTIONS"]["location"])
    code = (
        "import django; django.setup()\n"
        "from pathlib import Path\n"
        "from django.conf import settings\n"
        "from django.db import connections\n"
        f"settings.STORAGES['default']['OPTIONS']['location'] = {location!r}\n"
        f"settings.SANDBOX_DIR = Path({sandbox!r})\n"
        f"connections.settings['default']['NAME'] = {name!r}\n"
        "from ratings.jobs import decoding_queues\n"
        f"decoding_queues.LOOK_SECONDS = {look_seconds}\n"
        "from django.core.management import call_command\n"
        "call_command('work', '-q', 'decoding')\n"
    )
    environment = os.environ | {"DJANGO_SETTINGS_MODULE": "ratings.settings"}
    return subprocess.Popen([sys.executable, "-c", code], env=environment)


def await_log(client: Client, address: str, words: str) -> None:
    """Wait until a decoder has said so."""
    eventually(lambda: words in shown(client, address)["log"])
