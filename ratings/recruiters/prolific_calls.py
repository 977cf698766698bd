"""Prolific's API v1, as https://docs.prolific.com/api-reference documents it (read 2026-12-01).

Each function is one call, and says whether it may be repeated. Nothing is repeated here.
"""

import json
import math
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from typing import Any, TypeVar
from urllib.parse import quote

import urllib3
from urllib3.exceptions import HTTPError
from urllib3.util import Timeout

from ratings.recruiters.platform_trouble import PlatformAway, PlatformRefused, told_status

TIMEOUT = Timeout(connect=5, read=20)
PAGE_SIZE = 100
MOST_PAGES = 1000
LATER = (408, 425, 429)  # and all that is wrong on their side: 500 and more
TOKEN_MEND = "Set RATINGS_PROLIFIC_TOKEN to a valid token of the researcher's account."
LATER_MEND = "Nothing need be done: it is tried again by itself."
UNREADABLE = "Prolific's answer can't be read."
# Prolific wants no shorter reason for a rejection.
LEAST_REASON = 100
Json = Mapping[str, Any]
T = TypeVar("T")


@dataclass(frozen=True)
class RemoteStudy:
    """A study at the platform; `places` is its total, taken or not."""

    id: str
    status: str
    places: int
    currency: str
    reward: int


@dataclass(frozen=True)
class RemoteSubmission:
    """One person's place there; `id` is the session that the person comes with."""

    id: str
    status: str
    participant: str = ""
    bonuses: int = 0
    asked_to_return: bool = False


@dataclass(frozen=True)
class Draft:
    """What a new study is made of; money in minor units, `link` with the placeholders."""

    key: str
    title: str
    description: str
    link: str
    completion_code: str
    screenout_code: str
    places: int
    reward: int
    minutes: int
    devices: tuple[str, ...]


class Prolific:
    """Calls by the token of a researcher's account.

    All raise PlatformAway where the answer is lost or to be asked for later, PlatformRefused where
    there is none to be had.
    """

    def __init__(self, url: str, token: str) -> None:
        self._url = f"{url}/api/v1"
        self._headers = {"Authorization": f"Token {token}", "Content-Type": "application/json"}
        self._pool = urllib3.PoolManager(num_pools=1, timeout=TIMEOUT)

    def price(self, reward: int) -> int:
        """Return what one place costs with fee and VAT, rounded up."""
        body = {"reward": reward, "total_available_places": 1}
        path = "/study-cost-calculator/"
        return self._learn("POST", path, lambda told: _rounded_up(told["total_cost"]), body)

    def find(self, key: str) -> RemoteStudy | None:
        """Return the study that was made under a key, if it was."""
        found = (one for one in self._pages("/studies/") if one.get("internal_name") == key)
        return next(map(_study, found), None)

    def create(self, draft: Draft) -> RemoteStudy:
        """Make a draft. Not to be repeated before `find`."""
        codes = [_code(draft.completion_code, "COMPLETED")]
        if draft.screenout_code and draft.screenout_code != draft.completion_code:
            codes.append(_code(draft.screenout_code, "FAILED_ATTENTION_CHECK"))
        body = {
            "name": draft.title,
            "internal_name": draft.key,
            "description": draft.description,
            "external_study_url": draft.link,
            "prolific_id_option": "url_parameters",
            "completion_codes": codes,
            "total_available_places": draft.places,
            "estimated_completion_time": draft.minutes,
            "reward": draft.reward,
            "device_compatibility": list(draft.devices),
            "filters": [],
        }
        return self._learn("POST", "/studies/", _study, body)

    def study(self, study: str) -> RemoteStudy:
        """Return a study."""
        return self._learn("GET", f"/studies/{quote(study)}/", _study)

    def set_places(self, study: str, total: int) -> None:
        """Set the total of places; harmless to repeat."""
        self._ask("PATCH", f"/studies/{quote(study)}/", {"total_available_places": total})

    def transition(self, study: str, action: str) -> None:
        """PUBLISH, PAUSE, START or STOP a study."""
        self._ask("POST", f"/studies/{quote(study)}/transition/", {"action": action})

    def submissions(self, study: str) -> list[RemoteSubmission]:
        """Return all submissions of a study."""
        return [_submission(one) for one in self._pages(f"/submissions/?study={quote(study)}")]

    def submission(self, submission: str) -> RemoteSubmission:
        """Return one submission."""
        return self._learn("GET", f"/submissions/{quote(submission)}/", _submission)

    def approve(self, submission: str) -> None:
        """Pay a person; the second time nothing happens."""
        path = f"/submissions/{quote(submission)}/transition/"
        self._ask("POST", path, {"action": "APPROVE"})

    def reject(self, submission: str, reason: str) -> None:
        """Refuse to pay a person, with a reason that they are sent; for good."""
        body = {"action": "REJECT", "message": reason, "rejection_category": "OTHER"}
        self._ask("POST", f"/submissions/{quote(submission)}/transition/", body)

    def ask_to_return(self, submission: str, reason: str) -> None:
        """Ask a person to give their place back."""
        body = {"request_return_reasons": [reason]}
        self._ask("POST", f"/submissions/{quote(submission)}/request-return/", body)

    def set_up_bonus(self, study: str, submission: str, amount: int) -> tuple[str, int]:
        """Prepare a bonus; return its name there, and its cost with fee and VAT. Pays nothing."""
        line = f"{submission},{amount // 100}.{amount % 100:02}"
        body = {"study_id": study, "csv_bonuses": line}
        path = "/submissions/bonus-payments/"
        return self._learn(
            "POST", path, lambda told: (str(told["id"]), _rounded_up(told["total_amount"])), body
        )

    def pay_bonus(self, bonus: str) -> None:
        """Pay a bonus that was prepared. Never to be repeated: it would be paid twice."""
        self._ask("POST", f"/bulk-bonus-payments/{quote(bonus)}/pay/", {})

    def _pages(self, path: str) -> Iterator[Json]:
        """Yield what a list has, each once, whatever size its pages are.

        It may move on while it is read, or have no pages and come whole each time.
        """
        seen: set[str] = set()
        joint = "&" if "?" in path else "?"
        for page in range(1, MOST_PAGES + 1):
            where = f"{path}{joint}page={page}&page_size={PAGE_SIZE}"
            rows, total = self._learn("GET", where, _page)
            fresh = {key: row for key, row in rows.items() if key not in seen}
            seen |= fresh.keys()
            yield from fresh.values()
            if not fresh or len(seen) == total:
                return

    def _learn(
        self, method: str, path: str, read: Callable[[Any], T], body: Json | None = None
    ) -> T:
        """Return what `read` finds in an answer; one that lacks it is as good as lost."""
        told = self._ask(method, path, body)
        try:
            return read(told)
        except (LookupError, TypeError, ValueError, AttributeError, ArithmeticError) as error:
            raise PlatformAway(UNREADABLE, LATER_MEND) from error

    def _ask(self, method: str, path: str, body: Json | None = None) -> Any:  # noqa: ANN401
        data = None if body is None else json.dumps(body).encode()
        try:
            answer = self._pool.request(
                method,
                self._url + path,
                body=data,
                headers=self._headers,
                retries=False,
                redirect=False,
            )
        except HTTPError as error:
            what = f"Prolific did not answer: {type(error).__name__}."
            raise PlatformAway(what, LATER_MEND) from None
        return _read(answer)


def _read(answer: urllib3.BaseHTTPResponse) -> Any:  # noqa: ANN401
    if answer.status in (401, 403):
        what = f"Prolific does not take the token ({answer.status})."
        raise PlatformAway(what, TOKEN_MEND, untouched=True)
    if answer.status in LATER or answer.status >= 500:
        told = answer.headers.get("Retry-After", "")
        after = float(told) if told.isdecimal() else None
        what = f"Prolific asks to come again later ({answer.status})."
        raise PlatformAway(what, LATER_MEND, after=after, untouched=answer.status == 429)
    try:
        body = answer.json() if answer.data else {}
    except ValueError:
        body = None
    if answer.status >= 300:
        raise PlatformRefused(f"Prolific refuses it ({answer.status}): {_words(body)}")
    return body


def _words(body: object) -> str:
    """Return what an answer says is wrong."""
    error = body.get("error", body) if isinstance(body, dict) else body
    detail = error.get("detail", error) if isinstance(error, dict) else error
    return detail if isinstance(detail, str) else json.dumps(detail)


def _page(told: Json) -> tuple[dict[str, Json], int | None]:
    """Return the rows of a page by their ids, and how many there are on all, if that is told."""
    return {str(row["id"]): row for row in told["results"]}, (told.get("meta") or {}).get("count")


def _rounded_up(money: str | float) -> int:
    return math.ceil(round(float(money), 4))


def _code(code: str, kind: str) -> Json:
    return {"code": code, "code_type": kind, "actions": [{"action": "MANUALLY_REVIEW"}]}


def _study(told: Json) -> RemoteStudy:
    return RemoteStudy(
        id=str(told["id"]),
        status=told_status(told.get("status") or "UNPUBLISHED"),
        places=int(told.get("total_available_places") or 0),
        currency=told.get("presentment_currency_code") or told.get("currency_code") or "",
        reward=int(told.get("reward") or 0),
    )


def _submission(told: Json) -> RemoteSubmission:
    return RemoteSubmission(
        id=str(told["id"]),
        status=told_status(told["status"]),
        participant=str(told.get("participant_id") or told.get("participant") or ""),
        bonuses=len(told.get("bonus_payments") or []),
        asked_to_return=bool(told.get("return_requested")),
    )
