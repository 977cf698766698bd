"""A recruiting platform of the tests' own, over HTTP: what Prolific's API v1 is documented to do.

`python -m tests.recruiters.platform_server PORT` serves until it is ended. Below /control/ tests
let people come, set faults on calls, and read the ledger.
"""

import json
import re
import sys
import threading
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any, ClassVar
from urllib.parse import parse_qs, urlsplit

TOKEN = "a-token-of-tests-alone"
CURRENCY = "GBP"
DEFAULT_PAGE = 20
LEAST_REASON = 100
PROXY = b"<html>One moment, please.</html>"
Json = dict[str, Any]


class Refusal(Exception):
    """An answer other than 200."""

    def __init__(self, status: int, detail: str) -> None:
        super().__init__(detail)
        self.status = status


def cost(amount: int) -> float:
    """Return what an amount paid costs: a third of it as fee, 20 % VAT on that."""
    fee = amount / 3
    return round(amount + fee * 1.2, 2)


@dataclass
class Fault:
    """What happens to the next call that fits: a status, "page" (a proxy's, in HTML), cut or hold.

    `cut`, `hold`, `page` and "520" let it take effect first.
    """

    method: str
    path: str
    kind: str
    after: str = "1"


@dataclass
class Platform:
    """The platform's state; `ledger` has each payment, in the order in which they were made."""

    balance: float = 100_000.0
    studies: dict[str, Json] = field(default_factory=dict)
    submissions: dict[str, Json] = field(default_factory=dict)
    bonuses: dict[str, Json] = field(default_factory=dict)
    ledger: list[Json] = field(default_factory=list)
    faults: list[Fault] = field(default_factory=list)
    held: list[str] = field(default_factory=list)
    calls: list[str] = field(default_factory=list)
    lock: threading.RLock = field(default_factory=threading.RLock)
    release: threading.Event = field(default_factory=threading.Event)
    most_on_page: int = 100

    # -- studies

    def create(self, told: Json) -> Json:
        wanted = ("name", "description", "external_study_url", "completion_codes", "reward")
        for key in (*wanted, "total_available_places", "estimated_completion_time"):
            if not told.get(key):
                raise Refusal(400, f"{key}: This field is required.")
        if "{{%SESSION_ID%}}" not in told["external_study_url"]:
            raise Refusal(400, "external_study_url: no placeholder.")
        study = f"{len(self.studies) + 1:024x}"
        self.studies[study] = {
            **told,
            "id": study,
            "status": "UNPUBLISHED",
            "currency_code": CURRENCY,
            "places_taken": 0,
        }
        return self.studies[study]

    def study(self, study: str) -> Json:
        if study not in self.studies:
            raise Refusal(404, "Not found.")
        return self.studies[study]

    def update(self, study: str, told: Json) -> Json:
        row, total = self.study(study), told["total_available_places"]
        if row["status"] != "UNPUBLISHED" and total < row["total_available_places"]:
            raise Refusal(400, "total_available_places: It can only be increased.")
        self._require_balance(row, total)
        row["total_available_places"] = total
        if row["status"] in ("AWAITING REVIEW", "COMPLETED") and not row.get("stopped"):
            row["status"] = "ACTIVE"
        return row

    def transition(self, study: str, action: str) -> Json:
        row = self.study(study)
        known = {"PUBLISH": "UNPUBLISHED", "PAUSE": "ACTIVE", "START": "PAUSED"}
        if action == "STOP" and row["status"] in ("ACTIVE", "PAUSED"):
            row["stopped"] = True
            row["status"] = "AWAITING REVIEW"
        elif known.get(action) == row["status"]:
            if action == "PUBLISH":
                self._require_balance(row, row["total_available_places"])
            row["status"] = "PAUSED" if action == "PAUSE" else "ACTIVE"
        else:
            raise Refusal(400, f"{action} is not possible: the study is {row['status']}.")
        return row

    def _require_balance(self, row: Json, total: int) -> None:
        if cost(row["reward"]) * total > self.balance:
            raise Refusal(400, "Your balance does not cover this study.")

    # -- submissions

    def of_study(self, study: str) -> list[Json]:
        return [one for one in self.submissions.values() if one["study_id"] == study]

    def arrive(self, study: str, participant: str) -> Json:
        row = self.study(study)
        holding = ("RESERVED", "ACTIVE", "AWAITING REVIEW", "APPROVED")
        taken = [one for one in self.of_study(study) if one["status"] in holding]
        if row["status"] != "ACTIVE" or len(taken) >= row["total_available_places"]:
            raise Refusal(409, "There is no place.")
        if any(one["participant_id"] == participant for one in self.of_study(study)):
            raise Refusal(409, "This participant was here.")
        session = f"{len(self.submissions) + 1:024x}"
        self.submissions[session] = {
            "id": session,
            "study_id": study,
            "participant_id": participant,
            "status": "ACTIVE",
            "bonus_payments": [],
            "return_requested": None,
        }
        link = row["external_study_url"]
        filled = {"PROLIFIC_PID": participant, "STUDY_ID": study, "SESSION_ID": session}
        for name, value in filled.items():
            link = link.replace(f"{{{{%{name}%}}}}", value)
        return {"submission": session, "link": link}

    def come_to(self, submission: str, status: str) -> Json:
        row = self.submissions[submission]
        if row["status"] not in ("RESERVED", "ACTIVE"):
            raise Refusal(409, f"It is {row['status']}.")
        row["status"] = status
        self._settle(row["study_id"])
        return row

    def _settle(self, study: str) -> None:
        row = self.studies[study]
        statuses = [one["status"] for one in self.of_study(study)]
        done = sum(status in ("AWAITING REVIEW", "APPROVED") for status in statuses)
        if row["status"] in ("ACTIVE", "AWAITING REVIEW") and (
            done >= row["total_available_places"] or row.get("stopped")
        ):
            row["status"] = "AWAITING REVIEW" if "AWAITING REVIEW" in statuses else "COMPLETED"

    def review(self, submission: str, told: Json) -> Json:
        if submission not in self.submissions:
            raise Refusal(404, "Not found.")
        row, action = self.submissions[submission], told["action"]
        after = {"APPROVE": "APPROVED", "REJECT": "REJECTED"}[action]
        if row["status"] == after:
            return row  # documented as idempotent
        if row["status"] != "AWAITING REVIEW":
            raise Refusal(400, f"The submission is {row['status']}.")
        if action == "REJECT" and len(told.get("message", "")) < LEAST_REASON:
            raise Refusal(400, "message: at least 100 characters.")
        row["status"] = after
        if action == "APPROVE":
            reward = self.studies[row["study_id"]]["reward"]
            self._pay(row, "reward", reward)
        elif self.studies[row["study_id"]]["status"] == "AWAITING REVIEW":
            self.studies[row["study_id"]]["status"] = "PAUSED"  # by itself, as documented
        self._settle(row["study_id"])
        return row

    def _pay(self, row: Json, what: str, amount: int) -> None:
        self.balance -= cost(amount)
        paid = {"what": what, "submission": row["id"], "amount": amount, "cost": cost(amount)}
        self.ledger.append(paid)

    def ask_back(self, submission: str) -> Json:
        self.submissions[submission]["return_requested"] = "2026-12-01T12:00:00Z"
        return self.submissions[submission]

    # -- bonuses

    def set_up(self, told: Json) -> Json:
        lines = [line.split(",") for line in told["csv_bonuses"].split()]
        if unknown := [who for who, _ in lines if who not in self.submissions]:
            raise Refusal(400, f"Unknown: {unknown}")
        amounts = {who: round(float(text) * 100) for who, text in lines}
        name = f"bonus-{len(self.bonuses) + 1}"
        self.bonuses[name] = amounts
        total = sum(amounts.values())
        return {"id": name, "study": told["study_id"], "amount": total, "total_amount": cost(total)}

    def pay_bonus(self, name: str) -> str:
        """Pay it as often as it is called: the documented endpoint is not idempotent."""
        for who, amount in self.bonuses[name].items():
            self.submissions[who]["bonus_payments"].append(amount)
            self._pay(self.submissions[who], "bonus", amount)
        return "It is processed."


class Handler(BaseHTTPRequestHandler):
    """Answers one call."""

    platform: ClassVar[Platform] = Platform()
    protocol_version = "HTTP/1.1"

    def do_GET(self) -> None:
        self._answer()

    def do_POST(self) -> None:
        self._answer()

    def do_PATCH(self) -> None:
        self._answer()

    def log_message(self, format: str, *args: Any) -> None:
        """Say nothing."""

    def _answer(self) -> None:
        length = int(self.headers.get("Content-Length") or 0)
        told = json.loads(self.rfile.read(length) or b"{}")
        url = urlsplit(self.path)
        if url.path.startswith("/control/"):
            return self._send(*self._tried(lambda: self._control(url.path, told)))
        platform, call = self.platform, f"{self.command} {url.path}"
        if self.headers.get("Authorization") != f"Token {TOKEN}":
            return self._send(401, {"error": {"detail": "Authentication failed."}})
        with platform.lock:
            platform.calls.append(call)
            fault = next((f for f in platform.faults if self._fits(f, url.path)), None)
            if fault:
                platform.faults.remove(fault)
            if fault and fault.kind in ("404", "429", "503"):
                headers = {"Retry-After": fault.after} if fault.kind == "429" else {}
                return self._send(int(fault.kind), {"error": {"detail": "Later."}}, headers)
            status, body = self._tried(lambda: self._api(url.path, parse_qs(url.query), told))
            if fault and fault.kind in ("520", "page"):
                return self._send(200 if fault.kind == "page" else 520, PROXY)
            if fault and fault.kind == "hold":
                platform.held.append(call)
        if fault and fault.kind == "hold":
            platform.release.wait()
        if fault:  # its answer never arrives
            self.close_connection = True
            return None
        return self._send(status, body)

    def _fits(self, fault: Fault, path: str) -> bool:
        return fault.method == self.command and re.search(fault.path, path) is not None

    def _tried(self, act: Any) -> tuple[int, Any]:  # noqa: ANN401
        try:
            with self.platform.lock:
                return 200, act()
        except Refusal as refusal:
            return refusal.status, {"error": {"status": refusal.status, "detail": str(refusal)}}

    def _api(self, path: str, query: dict[str, list[str]], told: Json) -> Any:  # noqa: ANN401
        platform = self.platform
        match [self.command, *path.removeprefix("/api/v1/").strip("/").split("/")]:
            case ["POST", "study-cost-calculator"]:
                return {"total_cost": cost(told["reward"]) * told["total_available_places"]}
            case ["GET", "studies"]:
                return self._page(list(platform.studies.values()), query)
            case ["POST", "studies"]:
                return platform.create(told)
            case ["GET", "studies", study]:
                return platform.study(study)
            case ["PATCH", "studies", study]:
                return platform.update(study, told)
            case ["POST", "studies", study, "transition"]:
                return platform.transition(study, told["action"])
            case ["GET", "submissions"]:
                return self._page(platform.of_study(query["study"][0]), query)
            case ["POST", "submissions", "bonus-payments"]:
                return platform.set_up(told)
            case ["GET", "submissions", submission]:
                return platform.submissions[submission]
            case ["POST", "submissions", submission, "transition"]:
                return platform.review(submission, told)
            case ["POST", "submissions", submission, "request-return"]:
                return platform.ask_back(submission)
            case ["POST", "bulk-bonus-payments", name, "pay"]:
                return platform.pay_bonus(name)
        raise Refusal(404, "Not found.")

    def _page(self, rows: list[Json], query: dict[str, list[str]]) -> Json:
        page, size = int(query.get("page", ["1"])[0]), int(query.get("page_size", ["0"])[0])
        size = min(size or DEFAULT_PAGE, self.platform.most_on_page)
        return {"results": rows[(page - 1) * size : page * size], "meta": {"count": len(rows)}}

    def _control(self, path: str, told: Json) -> Any:  # noqa: ANN401
        platform = self.platform
        match path.removeprefix("/control/").split("/"):
            case ["arrive"]:
                return platform.arrive(told["study"], told["participant"])
            case ["come"]:
                return platform.come_to(told["submission"], told["status"])
            case ["fault"]:
                platform.faults.append(Fault(**told))
                platform.release.clear()
            case ["release"]:
                platform.release.set()
            case ["reset"]:
                platform.release.set()
                Handler.platform = Platform()
            case ["page"]:
                platform.most_on_page = told["most"]
            case ["study"]:
                list(platform.studies.values())[-1].update(told)
            case ["transition"]:
                platform.transition(list(platform.studies)[-1], told["action"])
            case ["balance"]:
                platform.balance = told["balance"]
        return {
            "studies": platform.studies,
            "submissions": platform.submissions,
            "ledger": platform.ledger,
            "held": platform.held,
            "calls": platform.calls,
        }

    def _send(self, status: int, body: object, headers: dict[str, str] | None = None) -> None:
        content = PROXY if body is PROXY else json.dumps(body).encode()
        self.send_response(status)
        self.send_header("Content-Type", "application/json")
        self.send_header("Content-Length", str(len(content)))
        for name, value in (headers or {}).items():
            self.send_header(name, value)
        self.end_headers()
        self.wfile.write(content)


if __name__ == "__main__":
    server = ThreadingHTTPServer(("127.0.0.1", int(sys.argv[1])), Handler)
    server.daemon_threads = True
    print("listening", flush=True)
    server.serve_forever()
