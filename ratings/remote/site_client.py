"""The site as a worker elsewhere sees it: leases of runs, files that are read, and what is sent."""

import base64
import hashlib
import json
import logging
import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from http import HTTPStatus
from pathlib import Path
from typing import Any, BinaryIO, Literal
from urllib.parse import quote, urlsplit
from urllib.request import getproxies, proxy_bypass

import urllib3
from urllib3.exceptions import HTTPError, MaxRetryError
from urllib3.util import Retry, Timeout

from ratings import __version__
from ratings.sandbox.run_limits import Limits
from ratings.sandbox.worlds import USUAL, WORLDS, World

Json = Mapping[str, Any]
Answer = urllib3.BaseHTTPResponse
HERE = ("localhost", "127.0.0.1", "::1")  # where no token goes over a network
API = "/api/v1"
CHUNK_BYTES = 1 << 18
TIMEOUT = Timeout(connect=10, read=60)
AWAY = (429, 500, 502, 503, 504, 507)
# What took hours to decode is not thrown away because the site is being restarted: it is tried for
# a quarter of an hour, with pauses that grow, or as `Retry-After` says, which may be a mistake.
LONGEST_PAUSE_SECONDS, LONGEST_TOLD_SECONDS = 30, 300
PATIENT = Retry(
    total=35,
    backoff_factor=0.5,
    backoff_max=LONGEST_PAUSE_SECONDS,
    retry_after_max=LONGEST_TOLD_SECONDS,
    status_forcelist=AWAY,
    allowed_methods=None,
    raise_on_status=False,
)
TRIES = 8  # of a file that is cut off, or arrives as another
LOST_ON_THE_WAY = ("#body-incomplete", "#digest-mismatch")
POLL_SECONDS = 5.0
_log = logging.getLogger(__name__)


class SiteRefused(Exception):
    """The site refuses something for good; the message says why, in the site's words."""


class LeaseLost(Exception):
    """The lease of a run has ended: somebody else runs it, or nobody is to."""


@dataclass(frozen=True)
class Lease:
    """A run that this worker carries out, as the site tells of it."""

    address: str
    seconds: float
    source: str  # of the environment in which it is to run
    gpu: bool
    limits: Limits
    world: World
    decoder: Json
    bitstreams: list[Json]
    most_bytes: Mapping[str, int]  # of each picture, by its name

    @classmethod
    def from_answer(cls, told: Json) -> "Lease":
        """Return what a lease's answer says."""
        return cls(
            f"{API}/leases/{told['run']}/{told['attempt']}/",
            told["seconds"],
            told["source"],
            told["gpu"],
            Limits.from_record(told["limits"]),
            # Of a world that it doesn't know a worker makes nothing, and the site is told so.
            WORLDS.get(told.get("world", USUAL.slug), USUAL),
            told["decoder"],
            told["bitstreams"],
            {picture["name"]: picture["limit_bytes"] for picture in told["pictures"]},
        )


class SiteClient:
    """Calls of the site. What is read and sent of a run is repeated while the site is away."""

    def __init__(self, url: str, token: str) -> None:
        """Raise ValueError for an address by which the token would be seen by others."""
        self._origin = _origin(url)
        self._pool = _pool(self._origin)
        self._met = False
        self._headers = {
            "Authorization": f"Bearer {token}",
            "User-Agent": f"ratings-worker/{__version__}",
        }

    def next_lease(self, told: Json) -> Lease | float:
        """Return the lease of the next run, or after how many seconds to ask again.

        `told` is what the worker tells of itself. Raises SiteRefused, or HTTPError without an
        answer.
        """
        answer = self._ask("POST", f"{API}/leases/", *_json(told), retries=False)
        pause = _seconds(answer.headers.get("Retry-After", ""))
        if answer.status in AWAY:
            return pause
        _good(answer)
        if not self._met:
            self._met = True
            _log.info("Connected to %s; takes its runs", self._origin)
        return pause if answer.status == HTTPStatus.NO_CONTENT else Lease.from_answer(answer.json())

    def named_images(self) -> list[str]:
        """Return the images that the site's phases name. Raises SiteRefused or HTTPError."""
        answer = _good(self._ask("GET", f"{API}/leases/images/", retries=False))
        return list(answer.json()["images"])

    def tell_fault(self, fault: str) -> None:
        """Tell organizers why this worker can't take runs. Raises SiteRefused or HTTPError."""
        _good(self._ask("POST", f"{API}/leases/fault/", *_json({"fault": fault}), retries=False))

    def renew(self, lease: Lease, log: bytes | None) -> bool | None:
        """Renew a lease, with the log where it is new; see `heartbeats.Renew`."""
        try:
            if log is None:
                _good(self._ask("POST", f"{lease.address}renew/", retries=False))
            else:
                _good(self._ask("PUT", f"{lease.address}log", log, retries=False))
        except (LeaseLost, SiteRefused):
            return False
        except HTTPError:
            return None
        return True

    def fetch_decoder(self, lease: Lease, to: Path) -> None:
        """Download the decoder of a run. Raises LeaseLost, SiteRefused, or HTTPError."""
        self._fetch(f"{lease.address}decoder", lease.decoder, to)

    def fetch_bitstream(self, lease: Lease, file: Json, to: Path) -> None:
        """Download a bitstream of a run. Raises LeaseLost, SiteRefused, or HTTPError."""
        self._fetch(f"{lease.address}bitstreams/{quote(file['name'])}", file, to)

    def send_picture(self, lease: Lease, name: str, file: Path) -> None:
        """Send a picture. Raises LeaseLost, SiteRefused, or HTTPError."""
        self._send(f"{lease.address}decoded/{quote(name)}", file)

    def send_record(self, lease: Lease, file: Path) -> None:
        """Send what came of a run, which ends it. Raises LeaseLost, SiteRefused, or HTTPError."""
        self._send(f"{lease.address}record", file)

    def release(self, lease: Lease, fault: str) -> None:
        """Give a run up. Raises LeaseLost, SiteRefused, or HTTPError."""
        _good(self._ask("POST", f"{lease.address}release/", *_json({"fault": fault})))

    def _fetch(self, address: str, file: Json, to: Path) -> None:
        def fetch() -> None:
            answer = self._ask("GET", address, preload_content=False)
            try:
                _write(_good(answer), to, file)
            finally:
                answer.close()

        _again(fetch)

    def _send(self, address: str, file: Path) -> None:
        with file.open("rb") as content:
            digest = hashlib.file_digest(content, "sha256").digest()
        headers = {
            "Content-Digest": f"sha-256=:{base64.b64encode(digest).decode()}:",
            "Content-Length": str(file.stat().st_size),
        }

        def send() -> None:
            with file.open("rb") as content:
                _good(self._ask("PUT", address, content, headers))

        _again(send)

    def _ask(
        self,
        method: str,
        address: str,
        body: bytes | BinaryIO | None = None,
        headers: Mapping[str, str] = {},
        *,
        retries: Retry | Literal[False] = PATIENT,
        preload_content: bool = True,
    ) -> Answer:
        """Return the answer. Never follows it elsewhere: the token is this site's alone."""
        kind = {"Content-Type": "application/octet-stream"} if body is not None else {}
        return self._pool.request(
            method,
            self._origin + address,
            body=body,
            headers={**self._headers, **kind, **headers},
            retries=retries,
            redirect=False,
            timeout=TIMEOUT,
            preload_content=preload_content,
        )


def _good(answer: Answer) -> Answer:
    """Return an answer that says yes.

    Raises LeaseLost, SiteRefused, or HTTPError for what is to be tried again.
    """
    if answer.status < HTTPStatus.MULTIPLE_CHOICES:
        return answer
    kind, words = _problem(answer)
    if kind.endswith("#lease-lost"):
        raise LeaseLost(words)
    if answer.status in AWAY or kind.endswith(LOST_ON_THE_WAY):
        raise HTTPError(words)
    raise SiteRefused(words)


def _problem(answer: Answer) -> tuple[str, str]:
    """Return the type and the words of a problem document, or of whatever came instead."""
    try:
        problem = json.loads(answer.data)
        return str(problem["type"]), str(problem["detail"])
    except (ValueError, TypeError, KeyError):
        return "", f"The site answered with status {answer.status}."


def _again(act: Callable[[], None]) -> None:
    """Act until it goes well: what is cut off in the middle is begun anew."""
    for tries in range(1, TRIES + 1):
        try:
            return act()
        except MaxRetryError:
            raise  # it was tried for long
        except HTTPError:
            if tries == TRIES:
                raise
            time.sleep(min(0.05 * 2**tries, LONGEST_PAUSE_SECONDS))


def _write(answer: Answer, to: Path, file: Json) -> None:
    """Write what arrives. Raises HTTPError where it is not what the site names."""
    digest, size = hashlib.sha256(), 0
    with to.open("wb") as written:
        for chunk in answer.stream(CHUNK_BYTES):
            size += len(chunk)
            if size > file["size_bytes"]:
                break
            digest.update(chunk)
            written.write(chunk)
    if (size, digest.hexdigest()) != (file["size_bytes"], file["sha256"]):
        raise HTTPError(f"{file['name']} did not arrive as the site names it.")


def _json(value: Json) -> tuple[bytes, Mapping[str, str]]:
    return json.dumps(value).encode(), {"Content-Type": "application/json"}


def _seconds(said: str) -> float:
    """Return how long to wait, from a `Retry-After`; not less than a moment, nor for hours."""
    return min(max(float(said), 1.0), LONGEST_TOLD_SECONDS) if said.isdecimal() else POLL_SECONDS


def _origin(url: str) -> str:
    parts = urlsplit(url if "://" in url else f"https://{url}")
    if parts.scheme not in ("http", "https") or not parts.hostname:
        raise ValueError(f"{url!r} is no address of a site, such as https://ratings.example.org.")
    if parts.scheme == "http" and parts.hostname not in HERE:
        raise ValueError(f"By {url} anybody could read the token; write https://.")
    return f"{parts.scheme}://{parts.netloc}"


def _pool(origin: str) -> urllib3.PoolManager:
    """Return connections to the site, by the proxy that HTTPS_PROXY or HTTP_PROXY names."""
    parts = urlsplit(origin)
    proxy = getproxies().get(parts.scheme)
    if proxy and not proxy_bypass(parts.netloc):
        return urllib3.ProxyManager(proxy)
    return urllib3.PoolManager()
