#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""Enter a metric of picture quality: fetch the pairs that are asked about, answer, see the board.

    python3 send_metric.py --url URL -n TEAM crops crops.zip
    python3 send_metric.py --url URL -n TEAM send "My metric" decisions.csv
    python3 send_metric.py --url URL -n TEAM send "My metric" values.csv --lower
    python3 send_metric.py --url URL -n TEAM board

crops.zip has the pictures under names that tell nothing, and pairs.csv with the columns O, A, B:
decisions are its lines with a column T, 0 where A is closer to the original O, 1 where B is. Values
have the columns dataset, image, method, value. A team may send metrics a few times in all; what the
server has already is not sent again. Proxies that HTTPS_PROXY, HTTP_PROXY and NO_PROXY name are
asked. Needs Python 3.9 or newer, nothing else.

Ends with 0 when all is done, 1 when something stands against it, 2 for a wrong call.
"""

from __future__ import annotations

import argparse
import base64
import getpass
import hashlib
import http.client
import json
import shutil
import sys
from collections.abc import Sequence
from pathlib import Path
from typing import Any, BinaryIO
from urllib.error import HTTPError
from urllib.parse import parse_qs, quote, urlencode, urlsplit
from urllib.request import HTTPRedirectHandler, Request, build_opener

ANSWER_SECONDS = 120
HERE = ("localhost", "127.0.0.1", "::1")  # where no password goes over a network
Json = dict[str, Any]


class Refused(Exception):
    """The server, or this program, says no; each problem is a line for the user."""

    def __init__(self, *problems: str) -> None:
        super().__init__("\n".join(problems))
        self.problems = list(problems)


class _Staying(HTTPRedirectHandler):
    """Follows nobody: a password is for the site that was named."""

    def redirect_request(self, *told: object) -> None:
        return None


class Site:
    """The API of one site, asked as a team."""

    def __init__(self, url: str, team: str, password: str) -> None:
        if "://" not in url:
            here = urlsplit(f"//{url}").hostname in HERE
            url = f"{'http' if here else 'https'}://{url}"
        if urlsplit(url).scheme not in ("http", "https") or not urlsplit(url).hostname:
            raise Refused(f"{url!r} is no address of a site, such as https://example.org.")
        self.url = url.rstrip("/")
        login = base64.b64encode(f"{team}:{password}".encode()).decode()
        self._headers = {"Authorization": f"Basic {login}"}
        self._opener = build_opener(_Staying())

    def open(self, method: str, path: str, body: bytes | None = None) -> BinaryIO:
        """Ask, and return the answer to be read. Raises Refused with the server's problems."""
        headers = dict(self._headers)
        if body is not None:
            headers["Content-Type"] = "text/csv"
            digest = base64.b64encode(hashlib.sha256(body).digest()).decode()
            headers["Content-Digest"] = f"sha-256=:{digest}:"
        request = Request(f"{self.url}/api/v1/{path}", body, headers, method=method)
        try:
            answer: BinaryIO = self._opener.open(request, timeout=ANSWER_SECONDS)
        except HTTPError as error:
            with error:
                moved = error.headers.get("Location", "").partition("/api/v1/")[0]
                if moved:
                    raise Refused(f"The site has moved: use --url {moved}.") from error
                raise Refused(*_problems(error.code, error.read())) from error
        except (OSError, http.client.HTTPException) as error:
            why = getattr(error, "reason", error)
            line = f"{self.url} does not answer ({why}). Start this again: what arrived is kept."
            raise Refused(line) from error
        return answer

    def get(self, path: str, **query: str) -> Json:
        """Ask for a document."""
        with self.open("GET", path + (f"?{urlencode(query)}" if query else "")) as answer:
            return _document(answer.read())


def _problems(status: int, said: bytes) -> list[str]:
    try:
        told = _document(said)
    except Refused:
        told = {}
    lines = [str(error["detail"]) for error in told.get("errors", [])]
    return lines or [told.get("title") or f"The server answers {status}."]


def _document(said: bytes) -> Json:
    try:
        document: Json = json.loads(said)
    except ValueError as error:
        raise Refused("What answers there is no site of a challenge; is --url right?") from error
    return document


def find_phase(site: Site, challenge: str, phase: str) -> str:
    """Return "CHALLENGE/PHASE" of the phase that is named, or the only one there is."""
    found: list[str] = []
    query: dict[str, str] = {}
    while True:
        page = site.get("challenges/", **query)
        for owner in page["results"]:
            for part in owner["phases"]:
                if challenge in ("", owner["slug"]) and phase in ("", part["slug"]):
                    found.append(f"{owner['slug']}/{part['slug']}")
        cursor = parse_qs(urlsplit(page["next"] or "").query).get("cursor")
        if not cursor:
            break
        query = {"cursor": cursor[0]}
    if len(found) == 1:
        return found[0]
    if not found:
        raise Refused(f"{site.url} has no such phase; name it with --challenge and --phase.")
    pairs = (name.split("/") for name in found)
    names = "; ".join(f"--challenge {owner} --phase {part}" for owner, part in pairs)
    raise Refused(f"There are several phases; choose one: {names}.")


def _phase(where: str) -> str:
    return "challenges/{}/phases/{}/".format(*where.split("/"))


def fetch_crops(site: Site, where: str, path: Path) -> str:
    """Write the zip of crops and pairs; a broken one is not left behind."""
    address, part = f"{_phase(where)}metric-crops.zip", path.with_name(f"{path.name}.part")
    try:
        with site.open("GET", address) as answer, part.open("wb") as file:
            shutil.copyfileobj(answer, file)
        part.replace(path)
    except http.client.IncompleteRead as error:
        raise Refused("The connection was cut; start this again.") from error
    except OSError as error:
        raise Refused(f"{path} can't be written: {error.strerror or error}.") from error
    finally:
        part.unlink(missing_ok=True)
    return f"{path}: the crops, and pairs.csv, which asks for decisions."


def send(site: Site, where: str, name: str, path: Path, *, better: str) -> str:
    """Send a metric's file, unless the server has it; return what came of it, in words."""
    try:
        content = path.read_bytes()
    except OSError as error:
        raise Refused(f"{path}: {error.strerror}.") from error
    track = site.get(f"{_phase(where)}metrics/")
    digest = hashlib.sha256(content).hexdigest()
    for entry in track["results"]:
        way = "higher" if entry["higher_is_better"] else "lower"
        if (entry["name"], entry["sent_sha256"]) == (name.strip(), digest) and (
            way == better or entry["form"] == "decisions"
        ):
            return f"{name}: the server has this very file already, so no attempt was taken."
    if track["closed_because"]:
        raise Refused(track["closed_because"])
    address = f"{_phase(where)}metrics/{quote(name, safe='')}.csv?better={better}"
    with site.open("PUT", address, content) as answer:
        told = _document(answer.read())
    lines = [f"{name}: taken in, {told['entry']['form']}.", *told["notes"]]
    if told["attempts_left"] is not None:
        lines.append(f"Attempts left: {told['attempts_left']}.")
    return "\n".join(lines)


def board(site: Site, where: str) -> str:
    """Return the board of metrics as lines of a table."""
    rows = [["rank", "metric", "team", "accuracy", "95 % interval"]]
    for row in site.get(f"boards/{where}/metrics/")["results"]:
        if row["accuracy"] is None:
            rows.append(["", row["metric"], row["team"], row["problem"], ""])
            continue
        ends = row["accuracy_low"], row["accuracy_high"]
        interval = "" if None in ends else "{:.3f} to {:.3f}".format(*ends)
        rows.append(
            [str(row["rank"]), row["metric"], row["team"], f"{row['accuracy']:.3f}", interval]
        )
    widths = [max(len(row[column]) for row in rows) for column in range(len(rows[0]))]
    lines = ("  ".join(map(str.ljust, row, widths)).rstrip() for row in rows)
    return "\n".join(lines)


def arguments(argv: Sequence[str] | None) -> argparse.Namespace:
    """Read the command line."""
    parser = argparse.ArgumentParser(description="Enter a picture-quality metric.")
    parser.add_argument("-n", "--name", required=True, metavar="TEAM", help="the team's name")
    parser.add_argument("-p", "--password", help="the team's; else asked")
    parser.add_argument("--url", default="http://127.0.0.1:8000", help="the challenge's site")
    parser.add_argument("--challenge", default="", help="needed where the site has several")
    parser.add_argument("--phase", default="", help="needed where there are several")
    acts = parser.add_subparsers(dest="act", required=True, metavar="crops|send|board")
    crops = acts.add_parser("crops", help="fetch the pictures and the pairs to decide on")
    crops.add_argument("file", type=Path, metavar="ZIP", help="where to write them")
    sending = acts.add_parser("send", help="send values or decisions")
    sending.add_argument("metric", metavar="METRIC", help="its name on the board")
    sending.add_argument("file", type=Path, metavar="CSV", help="values or decisions")
    sending.add_argument("--lower", action="store_true", help="of values, lower ones are better")
    acts.add_parser("board", help="show the board of metrics, once it is released")
    options = parser.parse_args(argv)
    if ":" in options.name:  # HTTP Basic would end the name there (RFC 7617)
        parser.error(f"the team's name {options.name!r} has a colon; take one without")
    return options


def run(options: argparse.Namespace) -> str:
    """Do what is asked; return what came of it, in words. Raises Refused."""
    site = Site(options.url, options.name, options.password or getpass.getpass())
    where = find_phase(site, options.challenge, options.phase)
    if options.act == "crops":
        return fetch_crops(site, where, options.file)
    if options.act == "send":
        better = "lower" if options.lower else "higher"
        return send(site, where, options.metric, options.file, better=better)
    return board(site, where)


def main(argv: Sequence[str] | None = None) -> int:
    """Run the command line; return the exit code."""
    try:
        print(run(arguments(argv)))
    except Refused as refused:
        for line in refused.problems:
            print(f"ERROR: {line}", file=sys.stderr)
        return 1
    except KeyboardInterrupt:
        return 130
    return 0


if __name__ == "__main__":
    sys.exit(main())
