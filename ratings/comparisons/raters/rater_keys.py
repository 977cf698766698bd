"""Raters: random identifiers that a signed cookie or link carries, one for each study."""

import json
from collections.abc import Mapping
from contextlib import nullcontext
from datetime import datetime
from typing import Any
from uuid import UUID

from django.conf import settings
from django.core.signing import BadSignature, Signer
from django.http.response import HttpResponseBase

from ratings.challenge.models import Team
from ratings.comparisons.locking import lock_study, locking
from ratings.comparisons.models import Invitation, Rater, Stage, Study, Visit
from ratings.database.prepared_statements import PreparedStatement

COOKIE_PREFIX = "rater-"
COOKIE_AGE_SECONDS = 90 * 24 * 3600
_signer = Signer(salt="ratings.rater")
_VISIT = PreparedStatement(
    "ratings_visit",
    "uuid, timestamptz, text, jsonb",
    """
    INSERT INTO ratings_visit (rater_id, number, begun_at, browser, facts)
    SELECT $1, coalesce(max(number), 0) + 1, $2, $3, $4 FROM ratings_visit WHERE rater_id = $1
    ON CONFLICT (rater_id, number) DO NOTHING RETURNING number
    """,
)


def begin_session(
    study: Study,
    now: datetime,
    *,
    language: str = "en",
    invitation: Invitation | None = None,
    own_team: Team | None = None,
    simulated: bool = False,
) -> Rater:
    """Begin a session of someone who consented; the text consented to is kept with it.

    It belongs to the stage that the study is in: where there are two, it stays so until it began.
    """
    with locking() if study.pilot is not None else nullcontext():
        stage = lock_study(study.pk).stage if study.pilot is not None else Stage.MAIN
        return Rater.objects.create(
            study=study,
            stage=stage,
            consent=study.texts(language).consent,
            consented_at=now,
            language=language,
            invitation=invitation,
            own_team=own_team,
            simulated=simulated,
        )


def visit(rater: Rater, browser: str, facts: Mapping[str, Any], now: datetime) -> int:
    """Note that a rater opened the rating page, in which browser and on what screen.

    Return the visit's number; two windows at once get different ones.
    """
    longest = Visit._meta.get_field("browser").max_length
    shown = "".join(filter(str.isprintable, browser))[:longest]
    while not (rows := _VISIT.rows([rater.pk, now, shown, json.dumps(facts)])):
        pass  # another window was first with this number
    ((number,),) = rows
    return int(number)


def cookie_name(study: Study) -> str:
    """Return the name of the cookie that holds a rater of this study."""
    return COOKIE_PREFIX + study.slug


def cookie_value(rater: Rater) -> str:
    """Return the rater's identifier, signed: what the cookie holds, and the personal link."""
    return _signer.sign(rater.pk.hex)


def remember(response: HttpResponseBase, rater: Rater) -> None:
    """Let the browser hold the rater, in a cookie that no script reads."""
    response.set_cookie(
        cookie_name(rater.study),
        cookie_value(rater),
        max_age=COOKIE_AGE_SECONDS,
        secure=settings.HTTPS,
        httponly=True,
        samesite="Lax",
    )


def rater_in_cookies(study: Study, cookies: Mapping[str, str]) -> Rater | None:
    """Return the rater of this study whom the cookies name, or None."""
    return rater_in_link(study, cookies.get(cookie_name(study), ""))


def rater_in_link(study: Study, signed: str) -> Rater | None:
    """Return the rater of this study whom a personal link names, or None."""
    rater_id = _unsign(signed)
    raters = Rater.objects.filter(study=study).select_related("study")
    return raters.filter(pk=rater_id).first() if rater_id else None


def identifier(study: str, cookies: Mapping[str, str]) -> UUID | None:
    """Return the identifier of the rater whom the cookie of the study of this slug names."""
    return _unsign(cookies.get(COOKIE_PREFIX + study, ""))


def identifiers(cookies: Mapping[str, str]) -> list[UUID]:
    """Return the identifiers of all raters whom the cookies name, in whatever study."""
    values = [value for name, value in cookies.items() if name.startswith(COOKIE_PREFIX)]
    return [rater_id for value in values if (rater_id := _unsign(value))]


def _unsign(value: str) -> UUID | None:
    try:
        return UUID(hex=_signer.unsign(value))
    except (BadSignature, ValueError):
        return None
