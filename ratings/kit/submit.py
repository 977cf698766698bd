#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""Submit to an image-compression challenge: send files, wait, print the score or every problem.

    python3 submit.py -n TEAM -p PASSWORD -e EMAIL --url URL DECODER IMAGES...

DECODER is an executable, or a folder or zip that has one called `decode` at its top. IMAGES are the
compressed files, one for each picture, called like it; PNGs among them are sent as decoded images.
The first submission claims the team's name and sets its password. After a cut connection, or when
started again with the same files, it goes on where it was. Proxies that HTTPS_PROXY, HTTP_PROXY and
NO_PROXY name are asked, as curl does. Needs Python 3.9 or newer, nothing else.

Ends with 0 when the submission is scored, 1 when something stands against it, 2 for a wrong call.
"""

from __future__ import annotations

import argparse
import base64
import contextlib
import getpass
import hashlib
import http.client
import ipaddress
import json
import re
import shutil
import socket
import ssl
import sys
import tempfile
import time
import zipfile
from collections.abc import Iterable, Iterator, Sequence
from pathlib import Path
from typing import Any, BinaryIO, NamedTuple, NoReturn
from urllib.parse import SplitResult, parse_qs, quote, unquote, urlencode, urlsplit
from urllib.request import getproxies, proxy_bypass

PATIENCE_SECONDS = 900  # how long a server may be away that has answered before
STRANGERS_SECONDS = 30  # and one that never has: its address may be wrong
CONNECT_SECONDS = 15
LONGEST_WAIT_SECONDS = 30
BUSY_SECONDS = (
    60  # a server that is busy asks to wait for less; a quota that is used up, for longer
)
ANSWER_SECONDS = 120
POLL_SECONDS = (1, 2, 5)
CHUNK_BYTES = 1 << 16
BAR_WIDTH = 30
MOST_REFUSED = 20  # files, of which all is told
MOST_LEFT_OUT = 5  # names of a folder that are told
HERE = ("localhost", "127.0.0.1", "::1")  # where no password goes over a network
OLDEST = (1980, 1, 1, 0, 0, 0)  # that a zip can carry
ABOUT_THE_FILE = (404, 409, 413, 422)  # one file is wrong; the others can still be looked at
LOST_ON_THE_WAY = ("#body-incomplete", "#digest-mismatch")  # the line's problems, not the file's
PROXY_LOGIN = 407
TUNNEL_REFUSED = re.compile(r"Tunnel connection failed: (4\d\d) (.*)")
NUMBERS = re.compile(r"\d+")
Headers = dict[str, str]
Json = dict[str, Any]


class Refused(Exception):
    """The server, or this program, says no; each problem is a line for the user."""

    def __init__(self, *problems: str, status: int = 0) -> None:
        super().__init__("\n".join(problems))
        self.problems, self.status = list(problems), status


class Upload(NamedTuple):
    """A file to be sent; `address` is its place below the submission.

    `named` is what the user calls it: a decoder's folder is packed into a file.
    """

    path: Path
    address: str
    size_bytes: int
    sha256: str
    named: Path


class Bar:
    """A progress bar on one line of a terminal; elsewhere a line for every tenth."""

    def __init__(self, total_bytes: int) -> None:
        self._total, self._sent, self._shown = max(1, total_bytes), 0, -1

    def add(self, size_bytes: int) -> None:
        """Count bytes as sent; a negative number takes back what was lost."""
        self._sent += size_bytes
        percent = 100 * self._sent // self._total
        if sys.stderr.isatty():
            filled = BAR_WIDTH * self._sent // self._total
            bar = "#" * filled + "." * (BAR_WIDTH - filled)
            amount = f"{self._sent / 1e6:.1f} of {self._total / 1e6:.1f} MB"
            end = "\n" if self._sent == self._total else ""
            print(f"\rSending [{bar}] {percent:3d} %  {amount} ", end=end, file=sys.stderr)
        elif percent // 10 > self._shown:
            self._shown = percent // 10
            say(f"Sending: {percent} %")


class Counted:
    """A file that tells a bar how much of it was read; `sent` can be taken back."""

    def __init__(self, file: BinaryIO, bar: Bar) -> None:
        self._file, self._bar = file, bar
        self.sent = 0

    def read(self, size: int = -1) -> bytes:
        """Read on, and count it."""
        chunk = self._file.read(size)
        self.sent += len(chunk)
        self._bar.add(len(chunk))
        return chunk

    def rewind(self) -> None:
        """Take back what was read, and begin anew."""
        self._bar.add(-self.sent)
        self.sent = self._file.seek(0)


# The connection.


class Server:
    """The API of one site; what a cut connection or a restart interrupts is sent again."""

    def __init__(self, url: str, team: str, password: str) -> None:
        if "://" not in url:
            here = _parts(f"//{url}")
            url = f"{'http' if here and here.hostname in HERE else 'https'}://{url}"
        parts = _parts(url)
        if parts is None or parts.scheme not in ("http", "https"):
            raise Refused(f"{url!r} is no address of a site, such as https://example.org.")
        self._headers = {"Authorization": _basic(team, password), "Accept": "application/json"}
        self._root = f"{parts.path.rstrip('/')}/api/v1/"
        self._proxy, self._met = proxy_for(parts), False
        self._connection = self._connect(parts)
        self.url = url.rstrip("/")
        self.notes: list[str] = []  # what is mended in the files that were sent

    def _connect(self, parts: SplitResult) -> http.client.HTTPConnection:
        """Return a connection, opened when it is needed, and again after it was closed."""
        secure, host, port = parts.scheme == "https", str(parts.hostname), parts.port
        kind = http.client.HTTPSConnection if secure else http.client.HTTPConnection
        options: Json = {"timeout": CONNECT_SECONDS, "blocksize": CHUNK_BYTES}
        if self._proxy is None:
            return kind(host, port, **options)
        login = _proxy_login(self._proxy)
        connection = kind(str(self._proxy.hostname), self._proxy.port or 80, **options)
        if secure:
            connection.set_tunnel(host, port or 443, login)
        else:
            self._headers.update(login)
            self._root = f"http://{parts.netloc.rpartition('@')[2]}{self._root}"
        return connection

    def get(self, path: str, **query: str) -> Json:
        """Ask for a document."""
        return self._call("GET", path + (f"?{urlencode(query)}" if query else ""), {}, None)

    def post(self, path: str, fields: Json | None = None) -> Json:
        """Send fields as JSON; each such request of ours may safely come twice."""
        headers = {"Content-Type": "application/json"}
        return self._call("POST", path, headers, json.dumps(fields or {}).encode())

    def put(self, path: str, upload: Upload, bar: Bar) -> None:
        """Send a file; nothing is stored unless it arrives as it is."""
        digest = base64.b64encode(bytes.fromhex(upload.sha256)).decode()
        headers = {
            "Content-Digest": f"sha-256=:{digest}:",
            "Content-Length": str(upload.size_bytes),
            "Content-Type": "application/octet-stream",
        }
        with upload.path.open("rb") as file:
            counted = Counted(file, bar)
            try:
                self.notes += self._call("PUT", path, headers, counted).get("notes", [])
            finally:
                bar.add(upload.size_bytes - counted.sent)  # refused before it was read wholly

    def _call(self, method: str, path: str, headers: Headers, body: bytes | Counted | None) -> Json:
        """Send a request until there is an answer. Raises Refused with its problems."""
        began = time.monotonic()
        for attempt in range(1_000_000):
            try:
                status, answer, wait = self._send(method, path, headers, body)
            except (OSError, ValueError, http.client.HTTPException) as error:
                self._connection.close()
                self._refuse_hopeless(error)
                status, answer, wait = 0, str(error) or type(error).__name__, 0
            lost = status == 400 and any(code in answer for code in LOST_ON_THE_WAY)
            busy = status == 429 and 0 < wait <= BUSY_SECONDS
            if status not in (0, 502, 503, 504) and not lost and not busy:
                self._met = True
                return _document(status, answer)
            patience = PATIENCE_SECONDS if self._met else min(PATIENCE_SECONDS, STRANGERS_SECONDS)
            if time.monotonic() > began + patience:
                self._give_up(_told(answer))
            # The first time may only have been an old connection that the server had closed.
            wait = wait or (0 if attempt == 0 else min(2**attempt, LONGEST_WAIT_SECONDS))
            if wait:
                what = "Not now" if status else "No connection"
                why = "The server is busy" if busy else f"{what} ({_told(answer)[:200]})"
                say(f"{fresh_line()}{why}; trying again in {wait} s.")
            time.sleep(wait)
        raise AssertionError("patience ends before")

    def _give_up(self, said: str) -> NoReturn:
        if self._met:
            raise Refused(f"The server does not answer ({said[:200]}); try again later.")
        line = f"The server does not answer ({said[:200]}): {self.url}. Is that the address?"
        if self._proxy:
            host = urlsplit(self.url).hostname
            line += f" The proxy {_shown(self._proxy)} was asked; NO_PROXY={host} goes without."
        raise Refused(line)

    def _refuse_hopeless(self, error: Exception) -> None:
        """Raise Refused for what no waiting mends, as long as the server has never answered."""
        if isinstance(error, (ValueError, http.client.InvalidURL)) and not isinstance(
            error, OSError
        ):
            raise Refused(f"{self.url!r} can't be asked: {error}.")
        if self._met:
            return
        if isinstance(error, ssl.SSLCertVerificationError):
            raise Refused(f"{self.url}: its certificate can't be trusted: {error.verify_message}.")
        if isinstance(error, ssl.SSLError) and error.reason == "WRONG_VERSION_NUMBER":
            raise Refused(f"{self.url}: what answers there speaks no https; use http:// in --url?")
        if isinstance(error, socket.gaierror) and error.errno == socket.EAI_NONAME:
            host = self._proxy or urlsplit(self.url)
            raise Refused(f"There is no machine called {host.hostname!r}: {error.strerror}.")
        if refusal := TUNNEL_REFUSED.search(str(error)):
            self._refuse_by_proxy(int(refusal[1]), refusal[2])

    def _refuse_by_proxy(self, status: int, said: str) -> None:
        assert self._proxy
        cure = ""
        if status == PROXY_LOGIN:
            host = f"{self._proxy.hostname}:{self._proxy.port or 80}"
            cure = f" Put name and password into its address: http://NAME:PASSWORD@{host}."
        line = f"The proxy {_shown(self._proxy)} refuses to ask {self.url}: {status} {said}.{cure}"
        raise Refused(line)

    def _send(
        self, method: str, path: str, headers: Headers, body: bytes | Counted | None
    ) -> tuple[int, str, int]:
        """Return status, text and the seconds to wait of one answer."""
        if isinstance(body, Counted):
            body.rewind()
        if self._connection.sock is None:
            self._connection.connect()
        if sock := self._connection.sock:
            sock.settimeout(ANSWER_SECONDS)
        # It may have refused in the middle: its answer says why.
        with contextlib.suppress(BrokenPipeError, ConnectionResetError):
            self._connection.request(method, self._root + path, body, {**self._headers, **headers})
        response = self._connection.getresponse()
        text = response.read().decode(errors="replace")
        if response.status == PROXY_LOGIN and self._proxy:
            self._refuse_by_proxy(response.status, response.reason)
        if response.status in (301, 302, 307, 308):
            moved = response.headers.get("Location", "").removesuffix(f"/api/v1/{path}")
            raise Refused(f"The site has moved: use --url {moved}.")
        wait = response.headers.get("Retry-After", "")
        return response.status, text, int(wait) if wait.isdecimal() else 0


def _basic(name: str, password: str) -> str:
    return f"Basic {base64.b64encode(f'{name}:{password}'.encode()).decode()}"


def _parts(url: str) -> SplitResult | None:
    """Return the parts of an address; None where it names no host, or a port that is none."""
    try:
        parts = urlsplit(url)
        return parts if parts.hostname and parts.port != 0 else None
    except ValueError:
        return None


def proxy_for(site: SplitResult) -> SplitResult | None:
    """Return the proxy by which a site is to be asked, as the environment says; None without.

    Raises Refused for one that this program can't ask.
    """
    proxies = getproxies()
    named = proxies.get(site.scheme) or proxies.get("all", "")
    port = site.port or (443 if site.scheme == "https" else 80)
    if not named or _goes_past_proxies(str(site.hostname), port, proxies.get("no", "")):
        return None
    parts = _parts(named if "://" in named else f"http://{named}")
    if parts is None or parts.scheme != "http":
        shown = _shown(parts) if parts else "that the environment names"
        raise Refused(
            f"The proxy {shown} can't be asked: only those whose address begins with http:// can. "
            f"Name one in {site.scheme.upper()}_PROXY, or go without: NO_PROXY={site.hostname}."
        )
    return parts


def _goes_past_proxies(host: str, port: int, exceptions: str) -> bool:
    """Tell whether NO_PROXY names the host, with or without its port, a domain or a network."""
    if proxy_bypass(host) or proxy_bypass(f"{host}:{port}"):
        return True
    with contextlib.suppress(ValueError):  # it is a name
        address = ipaddress.ip_address(host)
        for network in exceptions.split(","):
            with contextlib.suppress(ValueError):
                if address in ipaddress.ip_network(network.strip(), strict=False):
                    return True
    return False


def _proxy_login(proxy: SplitResult) -> Headers:
    if proxy.username is None:
        return {}
    login = _basic(unquote(proxy.username), unquote(proxy.password or ""))
    return {"Proxy-Authorization": login}


def _shown(proxy: SplitResult) -> str:
    """Return a proxy's address without its password."""
    return f"{proxy.scheme}://{proxy.netloc.rpartition('@')[2]}"


def _document(status: int, text: str) -> Json:
    """Return the JSON of an answer. Raises Refused with the lines of a problem document."""
    try:
        document = json.loads(text)
    except ValueError:
        document = None
    document = document if isinstance(document, dict) else {}
    if status < 400:
        return document
    lines = [str(error["detail"]) for error in document.get("errors", [])]
    lines = lines or [document.get("title", "")]
    raise Refused(*(line or f"The server answered with {status}." for line in lines), status=status)


def _told(text: str) -> str:
    """Return what a problem document tells, or the text that is none."""
    try:
        return str(json.loads(text)["detail"])
    except (ValueError, TypeError, KeyError):
        return text


def fresh_line() -> str:
    """Return what leaves the bar's line on a terminal."""
    return "\n" if sys.stderr.isatty() else ""


def say(line: str) -> None:
    """Tell the user what happens; results go to standard output instead."""
    print(line, file=sys.stderr, flush=True)


# What is sent.


def packed(decoder: Path, scratch: Path) -> Path:
    """Return a decoder's file. A folder becomes a zip in `scratch`, links followed, always alike.

    Every member is marked as a program: not every file system or zip keeps such marks. Raises
    Refused for a link that can't be followed.
    """
    if not decoder.is_dir():
        return decoder
    target = scratch / f"{decoder.resolve().name}.zip"
    left_out: list[Path] = []
    found = _members(decoder, left_out)
    members = {path.relative_to(decoder).as_posix(): path for path in found}
    _tell_left_out(left_out)
    with zipfile.ZipFile(target, "w") as archive:
        for name in sorted(members):
            info = zipfile.ZipInfo(name, OLDEST)
            info.create_system = 3  # Unix, whose marks for programs these are
            info.external_attr = 0o100755 << 16
            with members[name].open("rb") as source, archive.open(info, "w") as member:
                shutil.copyfileobj(source, member)
    return target


def _tell_left_out(paths: Sequence[Path]) -> None:
    for path in paths[:MOST_LEFT_OUT]:
        say(f"Left out of the decoder: {path}.")
    if more := len(paths[MOST_LEFT_OUT:]):
        say(f"And {more} more, each called __pycache__ or with a dot first.")


def _members(folder: Path, left_out: list[Path], within: Sequence[Path] = ()) -> Iterator[Path]:
    """Yield a folder's files; what systems and Python leave behind is `left_out`."""
    if any(folder.samefile(outer) for outer in within):
        raise Refused(f"{folder}: this link leads back to a folder that it lies in.")
    for path in sorted(folder.iterdir()):
        if path.name.startswith(".") or path.name == "__pycache__":
            left_out.append(path)
        elif path.is_dir():
            yield from _members(path, left_out, [*within, folder])
        elif path.is_file():
            yield path
        else:
            raise Refused(f"{path}: this is no file, or a link that leads nowhere.")


def gather(decoder: Path, images: Iterable[Path], *, named: Path | None = None) -> list[Upload]:
    """Return what is to be sent, digests included. Raises Refused naming each bad file.

    `named` is the decoder as the user named it, where `decoder` is packed from it.
    """
    wanted: dict[str, Path] = {"decoder": decoder}
    problems = [] if decoder.is_file() else [f"{decoder}: there is no such file."]
    for path in images:
        if not path.is_file():
            folder = f"this is a folder; name its files, such as {path}/*."
            problems.append(f"{path}: {folder if path.is_dir() else 'there is no such file.'}")
            continue
        folder = "decoded" if path.suffix.lower() == ".png" else "bitstreams"
        address = f"{folder}/{path.name}"
        if address in wanted and wanted[address] != path:
            problems.append(f"{path}: {wanted[address]} has the same name.")
        wanted[address] = path
    if problems:
        raise Refused(*problems)
    names = {"decoder": named or decoder}
    return [_upload(path, address, names.get(address, path)) for address, path in wanted.items()]


def _upload(path: Path, address: str, named: Path) -> Upload:
    digest = hashlib.sha256()
    with path.open("rb") as file:
        while chunk := file.read(CHUNK_BYTES):
            digest.update(chunk)
        return Upload(path, address, file.tell(), digest.hexdigest(), named)


# The submission.


def find_phase(server: Server, challenge: str, phase: str) -> tuple[Json, Json]:
    """Return the challenge and the phase that are meant: by name, or the only one that is open.

    Raises Refused where there is none, or a choice.
    """
    phases, cursor = [], ""
    while True:
        page = server.get("challenges/", **({"cursor": cursor} if cursor else {}))
        for owner in page["results"]:
            for part in owner["phases"]:
                meant = part["slug"] == phase if phase else part["state"] == "open"
                if meant and challenge in ("", owner["slug"]):
                    phases.append((owner, part))
        cursor = parse_qs(urlsplit(page["next"] or "").query).get("cursor", [""])[0]
        if not cursor:
            break
    if len(phases) == 1:
        return phases[0]
    what = f"called {phase!r}" if phase else "open"
    if not phases:
        raise Refused(f"There is no phase {what} at {server.url}; name one with --phase.")
    names = ", ".join(
        f"--challenge {owner['slug']} --phase {part['slug']}" for owner, part in phases
    )
    raise Refused(f"Several phases are {what}; choose one: {names}.")


def picked(phase: Json, environment: str) -> Json:
    """Return what names the environment that is asked for; nothing leaves it to the phase.

    Raises Refused where the phase has none of this name, with what each of its own holds.
    """
    known = phase.get("environments", [])
    if environment and environment not in [one["slug"] for one in known]:
        lines = [f"  {one['slug']}: {_held_by(one)}" for one in known]
        name = phase["name"]
        raise Refused(f"{name} has no environment {environment!r}; it has:", *lines)
    return {"environment": environment} if environment else {}


def _held_by(environment: Json) -> str:
    holds = ", ".join(f"{name} {version}" for name, version in environment["holds"].items())
    return "; ".join(filter(None, [environment["description"], holds or environment["source"]]))


def begin(server: Server, fields: Json, uploads: Sequence[Upload]) -> tuple[str, list[Upload]]:
    """Begin a submission, or go on with an earlier one; return its address and what is left.

    One that was cut is gone on with where it holds nothing but what would be sent anyway.
    """
    if address := _submitted(server, fields, uploads):
        say("These very files are submitted already; going on with that submission.")
        return address, []
    wanted = {upload.address: upload.sha256 for upload in uploads}
    submission = server.post("submissions/", {**fields, "resume": True})
    address = f"submissions/{submission['id']}/"
    held = _held(server, address)
    if any(wanted.get(path) != sha256 for path, sha256 in held.items()):
        address, held = f"submissions/{server.post('submissions/', fields)['id']}/", {}
    if held:
        say(f"Going on with a submission that holds {len(held)} of {len(uploads)} files.")
    return address, [upload for upload in uploads if upload.address not in held]


def _submitted(server: Server, fields: Json, uploads: Sequence[Upload]) -> str:
    """Return the address of the method's last submission if it is this one and takes part."""
    try:
        page = server.get("submissions/", challenge=fields["challenge"], phase=fields["phase"])
    except Refused as refused:
        if refused.status != 401:
            raise
        return ""  # a new team; were it a wrong password, to begin would be refused too
    own = [
        submission
        for submission in page["results"]
        if submission["method"] == fields["method"].strip()
        and fields.get("environment") in (None, submission["environment"])
    ]
    closed = [submission for submission in own if submission["state"] != "open"]  # the newest first
    if closed and closed[0]["state"] in ("queued", "scored") and not closed[0].get("out"):
        address = f"submissions/{closed[0]['id']}/"
        if not _differing(server, address, uploads):
            return address
    return ""


def _held(server: Server, address: str) -> dict[str, str]:
    """Return the SHA-256 of each file that a submission holds, by its path."""
    return {file["path"]: file["sha256"] for file in server.get(f"{address}files/")["results"]}


def _differing(server: Server, address: str, uploads: Sequence[Upload]) -> list[str]:
    """Return the paths in which a submission differs from what is to be sent."""
    run = server.get(address)["run"]
    decoded_there = "decoded/" if run and not run["compares"] else ()
    differing = {(upload.address, upload.sha256) for upload in uploads}
    differing ^= _held(server, address).items()
    return sorted({path for path, _ in differing if not path.startswith(decoded_there)})


def send(server: Server, address: str, uploads: Sequence[Upload]) -> None:
    """Send every file, and tell what is mended. Raises Refused with what is wrong with them."""
    bar = Bar(sum(upload.size_bytes for upload in uploads))
    problems = []
    for upload in uploads:
        try:
            server.put(address + quote(upload.address), upload, bar)
        except Refused as refused:
            if refused.status not in ABOUT_THE_FILE:
                raise
            problems += [f"{upload.named}: {line}" for line in refused.problems]
    for note in server.notes:
        say(f"[{note}]")
    if more := len(problems[MOST_REFUSED:]):
        raise Refused(*problems[:MOST_REFUSED], f"And {more} more like these.")
    if problems:
        raise Refused(*problems)


def close(server: Server, address: str, uploads: Sequence[Upload]) -> None:
    """End the upload. Raises Refused with all that is missing, or that another client has sent."""
    if paths := _differing(server, address, uploads):
        line = f"Another client of the team sends to the same submission: {', '.join(paths[:3])}"
        raise Refused(f"{line}. Start this one again later, or with a --method of its own.")
    server.post(f"{address}submit/")


def wait(server: Server, address: str) -> Json:
    """Tell what happens until the submission is scored or not going to be; return it then."""
    told: tuple[str, int] | None = None
    attempt, logged, polls = 0, 0, 0
    while True:
        submission = server.get(address)
        log, run = submission.get("log") or "", submission.get("run")
        line, step = _where(submission)
        # Each number is news on a terminal alone: elsewhere nobody may be looking.
        news = (line if sys.stderr.isatty() else NUMBERS.sub("", line), step)
        if news != told and not submission["finished_at"]:
            say(line)
            told = news
        if run and run["attempt"] != attempt:
            attempt, logged = run["attempt"], 0  # begun again, with a log of its own
        sys.stderr.write(log[logged:])
        logged = len(log)
        if submission["finished_at"]:
            return submission
        time.sleep(POLL_SECONDS[min(polls, len(POLL_SECONDS) - 1)])
        polls += 1


def _where(submission: Json) -> tuple[str, int]:
    """Return where a submission stands, in words, and which of few steps that is."""
    scored, run = submission["progress"]["scored"], submission.get("run") or {"state": ""}
    received, expected = scored["received"], scored["expected"]
    if received or run["state"] == "succeeded":
        line = f"Scoring: {received} of {expected} pictures."
        return line, 10 * received // max(1, expected)
    if run["state"] == "running":
        return f"Decoding, attempt {run['attempt']}.", run["attempt"]
    before = (submission.get("queue_position") or 1) - 1
    line = f"Queued: {before} before it." if before else "Next in the queue."
    return f"{line} {run.get('verdict', '')}".rstrip(), before.bit_length()


def result(submission: Json, phase: Json) -> str:
    """Return the scores in words. Raises Refused where there are none to come."""
    if submission["state"] != "scored":
        raise Refused(f"The submission is {submission['state']}.", *submission["problems"])
    scores = submission["scores"]
    if scores is None:
        opens = phase["boards_open_at"] or "an instant that the organizers will set"
        return f"Scored. The phase hides its scores until {opens}."
    psnr = scores["psnr_db"]
    line = f"Scored: PSNR {psnr if psnr == 'inf' else f'{psnr:.4f}'} dB"
    if scores["bpp"] is not None:
        line += f" at {scores['bpp']:.4f} bits per pixel"
        line += f", {submission['budget']['used_bytes']} bytes"
    return f"{line}."


# The command line.


def arguments(argv: Sequence[str] | None) -> argparse.Namespace:
    """Read the command line."""
    parser = argparse.ArgumentParser(description="Submit to a challenge and wait for the score.")
    parser.add_argument("-n", "--name", required=True, metavar="TEAM", help="the team's name")
    parser.add_argument("-p", "--password", help="set by the team's first submission; else asked")
    parser.add_argument("-e", "--email", required=True, help="where organizers reach the team")
    parser.add_argument("--url", default="http://127.0.0.1:8000", help="the challenge's site")
    parser.add_argument("--challenge", default="", help="needed where the site has several")
    parser.add_argument("--phase", default="", help="by default the one that is open")
    parser.add_argument("--method", help="its name on the boards; by default the team's")
    words = "where the decoder runs, one of the phase's environments; by default its first"
    parser.add_argument("--environment", default="", help=words)
    parser.add_argument("decoder", type=Path, metavar="DECODER", help="executable, folder or zip")
    parser.add_argument("images", type=Path, nargs="+", metavar="IMAGES", help="compressed files")
    options = parser.parse_args(argv)
    if ":" in options.name:  # HTTP Basic would end the name there (RFC 7617)
        parser.error(f"the team's name {options.name!r} has a colon; take one without")
    return options


def run(options: argparse.Namespace, scratch: Path) -> str:
    """Do all of it; return the scores in words. Raises Refused."""
    decoder = packed(options.decoder, scratch)
    uploads = gather(decoder, options.images, named=options.decoder)
    server = Server(options.url, options.name, options.password or getpass.getpass())
    challenge, phase = find_phase(server, options.challenge, options.phase)
    fields = {
        "challenge": challenge["slug"],
        "phase": phase["slug"],
        "method": options.method or options.name,
        "email": options.email,
        **picked(phase, options.environment),
    }
    address, left = begin(server, fields, uploads)
    number = address.split("/")[1]
    page = f"{server.url}/{challenge['slug']}/submit/submissions/{number}/"
    say(f"Submission {number} to {challenge['name']}, {phase['name']}.\nIts page: {page}")
    send(server, address, left)
    close(server, address, uploads)
    try:
        return result(wait(server, address), phase)
    except KeyboardInterrupt:
        say(f"\nThe submission goes on without you: {page}")
        raise


def main(argv: Sequence[str] | None = None) -> int:
    """Run the command line; return the exit code."""
    options = arguments(argv)
    try:
        with tempfile.TemporaryDirectory() as scratch:
            print(run(options, Path(scratch)))
    except Refused as refused:
        for line in refused.problems:
            print(f"ERROR: {line}", file=sys.stderr)
        return 1
    except KeyboardInterrupt:
        return 130
    return 0


if __name__ == "__main__":
    sys.exit(main())
