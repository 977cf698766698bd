"""`manage.py load_demo`: real photographs, real codecs, sent through the public REST interface."""

import base64
import json
import time
import tomllib
import urllib.error
import urllib.request
from argparse import ArgumentParser
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from importlib.util import find_spec
from pathlib import Path
from typing import Any

import numpy as np
from django.conf import settings
from django.contrib.auth.models import User
from django.core.management import call_command
from django.core.management.base import BaseCommand, CommandError
from django.utils.crypto import salted_hmac
from numpy.typing import NDArray
from PIL import Image

from ratings.challenge.access.tokens import issue_token
from ratings.codecs import baselines
from ratings.codecs.baselines import Codec
from ratings.codecs.rate_control import compress_dataset
from ratings.imaging.pixels import encode_png
from ratings.models import AccessToken, Challenge, Phase, Submission

DEFINITION = settings.BASE_DIR / "fixtures" / "demo.toml"
# Each file is used whole; the JPEG sources are decoded once and are originals from then on.
PHOTOGRAPHS = {
    "E": ["astronaut.png", "chelsea.png", "coffee.png", "motorcycle_left.png", "rocket.jpg"],
    "S": ["ihc.png", "retina.jpg", "hubble_deep_field.jpg"],
}
DEMO = "demo"
TOKEN_LABEL = "load_demo"
SCORING_SECONDS = 300
# Sends method, path below /api/v1/ and body; returns the JSON answer.
Send = Callable[[str, str, bytes | None], dict[str, Any]]
REQUEST_SECONDS = 60


def is_demo_wanted() -> bool:
    """Tell whether a site has no challenge yet, or a demo whose loading was cut short."""
    if Challenge.objects.exclude(slug=DEMO).exists():
        return False
    scored = Submission.objects.filter(phase__challenge__slug=DEMO, state=Submission.State.SCORED)
    return scored.count() < len(ENTRIES)


@dataclass(frozen=True)
class DemoEntry:
    """One codec and who enters it: a baseline, or a competing demo team."""

    codec: Codec
    team: str
    baseline: bool


class Command(BaseCommand):
    """Loads the demo challenge into a running server."""

    help = "Load the demo challenge through the REST interface of a running server."

    def add_arguments(self, parser: ArgumentParser) -> None:
        """Take the server's address."""
        parser.add_argument("--url", default="http://127.0.0.1:8000", help="the running server")

    def handle(self, *args: Any, url: str, **options: Any) -> None:
        """Load the definition with its photographs, then submit every codec's entry."""
        if not url.startswith(("http://", "https://")):
            raise CommandError(f"{url!r} is no address of a server, such as http://127.0.0.1:8000.")
        organizer = _organizer()
        _require_server(url)
        definition = tomllib.loads(DEFINITION.read_text("utf-8"))
        pictures = _write_originals(settings.DATA_DIR / "demo")
        call_command("load_challenge", DEFINITION, originals=settings.DATA_DIR / "demo")
        phase = Phase.objects.get(
            challenge__slug=definition["slug"], slug=definition["phase"][0]["slug"]
        )
        token = issue_token(organizer, TOKEN_LABEL)
        try:
            sent = []
            for number, entry in enumerate(ENTRIES, start=1):
                self.stdout.write(f"Demo entry {number} of {len(ENTRIES)}: {entry.codec.name}")
                self.stdout.flush()
                sent.append(_submit(url, phase, entry, pictures, token))
            for send, address in sent:
                _wait_until_scored(send, address)
        finally:
            AccessToken.objects.filter(label=TOKEN_LABEL).delete()
        self.stdout.write("The demo is loaded and scored.")


def _organizer() -> User:
    organizer = User.objects.filter(is_staff=True).order_by("pk").first()
    if organizer is None:
        raise CommandError("There is no organizer yet: start the site once with `make run`.")
    return organizer


def _require_server(url: str) -> None:
    """Raise CommandError where nobody answers, before anything is loaded or compressed."""
    try:
        urllib.request.urlopen(f"{url}/api/v1/challenges/", timeout=REQUEST_SECONDS).close()
    except (urllib.error.URLError, ValueError) as error:
        raise CommandError(f"No server answers at {url}: start it with `make run`.") from error


def _write_originals(folder: Path) -> dict[str, NDArray[np.uint8]]:
    """Write the photographs as PNG into one folder a data set; return them by file name."""
    spec = find_spec("skimage")
    if spec is None or spec.origin is None:
        raise CommandError("The photographs come with scikit-image: install requirements/demo.txt.")
    pictures = {}
    for dataset, names in PHOTOGRAPHS.items():
        (folder / dataset).mkdir(parents=True, exist_ok=True)
        for name in names:
            with Image.open(Path(spec.origin).parent / "data" / name) as image:
                rgb = np.asarray(image.convert("RGB"))
            png_name = f"{Path(name).stem}.png"
            (folder / dataset / png_name).write_bytes(encode_png(rgb))
            pictures[png_name] = rgb
    return pictures


def _submit(
    url: str,
    phase: Phase,
    entry: DemoEntry,
    pictures: Mapping[str, NDArray[np.uint8]],
    token: str,
) -> tuple[Send, str]:
    """Compress all pictures to the phase's byte budget and send the result as anyone would.

    Return how to ask for the submission, and its address.
    """
    if phase.byte_budget is None:
        raise CommandError(f"{phase} has no byte budget.")
    compressed = compress_dataset(entry.codec, pictures, phase.byte_budget)
    body: dict[str, str] = {
        "challenge": phase.challenge.slug,
        "phase": phase.slug,
        "method": entry.codec.name,
    }
    if entry.baseline:
        send = _sender(url, f"Bearer {token}")
        body |= {"team": entry.team, "kind": "baseline"}
    else:
        send = _sender(url, _basic(entry.team, _password(entry.team)))
        body |= {"email": "demo@example.org"}
    submission = send("POST", "submissions/", json.dumps(body).encode())["id"]
    address = f"submissions/{submission}/"
    for name, (bitstream, decoded) in compressed.items():
        send("PUT", f"{address}bitstreams/{Path(name).stem}{entry.codec.suffix}", bitstream)
        send("PUT", f"{address}decoded/{name}", encode_png(decoded))
    send("POST", f"{address}submit/", b"{}")
    return send, address


def _wait_until_scored(send: Send, address: str) -> None:
    deadline = time.monotonic() + SCORING_SECONDS
    while (submission := send("GET", address, None))["state"] != "scored":
        if submission["state"] == "failed" or time.monotonic() > deadline:
            problems = " ".join(submission["problems"]) or "Is a worker running?"
            raise CommandError(f"The demo's {submission['method']} was not scored. {problems}")
        time.sleep(0.2)


def _password(team: str) -> str:
    """Return this site's password of a demo team: the same again if loading is begun again."""
    return salted_hmac(TOKEN_LABEL, team).hexdigest()


def _basic(team: str, password: str) -> str:
    return "Basic " + base64.b64encode(f"{team}:{password}".encode()).decode()


def _sender(url: str, authorization: str) -> Send:
    """Return a function that sends one request to the API and returns its JSON answer."""

    def send(method: str, path: str, body: bytes | None) -> dict[str, Any]:
        json_body = method == "POST"
        request = urllib.request.Request(
            f"{url}/api/v1/{path}",
            data=body,
            method=method,
            headers={
                "Authorization": authorization,
                "Content-Type": "application/json" if json_body else "application/octet-stream",
                **_as_from_outside(),
            },
        )
        try:
            with urllib.request.urlopen(request, timeout=REQUEST_SECONDS) as response:
                answer: dict[str, Any] = json.load(response)
        except urllib.error.HTTPError as error:
            raise CommandError(f"{method} {path}: {error.code} {error.read().decode()}") from error
        except urllib.error.URLError as error:
            raise CommandError(f"The server at {url} went away: {error.reason}.") from error
        return answer

    return send


def _as_from_outside() -> dict[str, str]:
    """Return what the proxy in front would say: a site may answer to its public name alone."""
    host = settings.ALLOWED_HOSTS[0].lstrip("*.") or "localhost"
    return {"Host": host} | ({"X-Forwarded-Proto": "https"} if settings.HTTPS else {})


ENTRIES = [
    DemoEntry(baselines.JPEG, team="JPEG", baseline=True),
    DemoEntry(baselines.WEBP, team="WebP", baseline=True),
    DemoEntry(baselines.JPEG_2000, team="JPEG 2000", baseline=True),
    DemoEntry(baselines.AVIF, team="AVIF demo team", baseline=False),
    DemoEntry(baselines.HALF_SIZE_JPEG, team="Half-size demo team", baseline=False),
]
