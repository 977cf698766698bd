"""The rating page: one study's consent, its trials, and its thanks."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any

from django.conf import settings
from django.http import HttpRequest, HttpResponse, QueryDict
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils import timezone, translation
from django.utils.cache import patch_vary_headers
from django.utils.translation import get_supported_language_variant
from django.utils.translation.trans_real import parse_accept_lang_header
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_safe

from ratings.challenge.access.visibility import seen
from ratings.comparisons.device_rules import device_facts, read_device_rules
from ratings.comparisons.models import Rater, Study
from ratings.comparisons.protocol import OwnParameter, Protocol, SmallWindow
from ratings.comparisons.raters import rater_keys
from ratings.comparisons.raters.own_teams import asks_for_team, teams_of
from ratings.comparisons.raters.recruiting import (
    EntryRequest,
    is_same_rater,
    note_unfilled,
    precheck,
    read_entry_request,
    returning,
)
from ratings.comparisons.study.voice_keys import OwnResult, voices_of
from ratings.web.parts.base_context import is_organizer
from ratings.web.rating.question_cards import question_cards
from ratings.web.rating.rating_messages import refusals

# What is told before the rater's own pace is known.
TYPICAL_TRIAL_SECONDS = 6
UNFILLED = "link-unfilled"


@dataclass(frozen=True)
class Language:
    """A language that the page can be read in, and the address that chooses it."""

    code: str
    name: str
    url: str


@require_safe
@never_cache
def rate(request: HttpRequest, slug: str) -> HttpResponse:
    """Show the page; whoever has consented before goes on where they were."""
    studies = Study.objects.select_related("phase__challenge")
    visible = seen(organizer=is_organizer(request), challenge="phase__challenge__")
    study = get_object_or_404(studies.filter(visible), slug=slug)
    if OwnParameter.RATER in request.GET:
        return _follow(study, request.GET[OwnParameter.RATER])
    entry_request = read_entry_request(study, request.GET.dict())
    rater = rater_keys.rater_in_cookies(study, request.COOKIES)
    if rater and not is_same_rater(rater, entry_request):
        rater = None  # somebody else at the same browser
    rater = rater or returning(study, entry_request)
    language = choose_language(request, study.protocol, rater)
    shown = _as_shown(study, entry_request, language)
    page = {
        "begin": reverse("api:raters", args=[slug]),
        "session": reverse("api:session", args=[slug]),
        "trials": reverse("api:next-trials", args=[slug]),
        "comment": reverse("api:comment", args=[slug]),
        "withdrawal": reverse("api:withdrawal", args=[slug]),
        "result": reverse("api:own-result", args=[slug]),
        "answers": reverse("api:session-answers", args=[slug]),
        "from": _origin(entry_request),
    }
    state = "lost" if OwnParameter.LOST in request.GET else _state(study, rater, shown)
    if is_organizer(request) and OwnParameter.COUNTED not in request.GET:
        state = "organizer"
    if state == UNFILLED:
        note_unfilled(study, entry_request, timezone.now())
    return rating_page(request, study, language, state, page)


def rating_page(
    request: HttpRequest,
    study: Study,
    language: str,
    state: str,
    page: Mapping[str, Any],
    **more: object,
) -> HttpResponse:
    """Return the page of a study in a language and in its first state.

    `page` holds the addresses that the scripts call, and `from`, how the rater came.
    """
    context = _context(study, language, request.GET) | more
    devices = device_facts(read_device_rules(study.devices), request.headers.get("User-Agent", ""))
    facts = _facts(study, language) | {"devices": devices}
    context |= {"state": state, "page": facts | dict(page)}
    with translation.override(language):
        response = render(request, "rate.html", context)
    response["Content-Language"] = language
    patch_vary_headers(response, ["Accept-Language", "Cookie"])
    return response


def _follow(study: Study, link: str) -> HttpResponse:
    """Let the browser hold whom a personal link names, and clear it from the address."""
    rater = rater_keys.rater_in_link(study, link)
    lost = "" if rater else f"?{OwnParameter.LOST}="
    response = redirect(reverse("web:rate", args=[study.slug]) + lost)
    if rater:
        rater_keys.remember(response, rater)
    return response


def choose_language(request: HttpRequest, protocol: Protocol, rater: Rater | None) -> str:
    """Return the language of the page: as asked for, as before, or as the browser likes it best.

    Never one that the study does not name or that the page is not translated to.
    """
    offered = _offered(protocol)
    wanted = [request.GET.get(OwnParameter.LANGUAGE, ""), rater.language if rater else ""]
    header = request.headers.get("Accept-Language", "")
    wanted += [code for code, _ in parse_accept_lang_header(header)]
    for code in wanted:
        try:
            variant = get_supported_language_variant(code)
        except LookupError:
            continue
        if variant in offered:
            return variant
    return offered[0]


def _offered(protocol: Protocol) -> Sequence[str]:
    """Return the study's languages that the page is translated to; English where none is."""
    known = dict(settings.LANGUAGES)
    return [code for code in protocol.languages if code in known] or ["en"]


def _context(study: Study, language: str, query: QueryDict) -> dict[str, Any]:
    challenge, protocol, texts = study.phase.challenge, study.protocol, study.texts(language)
    return {
        "study": study,
        "challenge": challenge,
        "challenge_url": reverse("web:challenge", args=[challenge.slug]),
        "counted_url": f"?{_with(query, OwnParameter.COUNTED, '').urlencode()}",
        "language": language,
        "languages": _languages(protocol, query),
        "texts": texts,
        "layout": protocol.layout.value,
        # On a phone, unless the study wants its own layout or nothing.
        "is_one_by_one": protocol.small_window is not SmallWindow.REFUSE,
        "training": protocol.training.trials,
        "away_minutes": protocol.endings.away_minutes if protocol.endings else None,
        "teams": _teams(study),
        "own_team": query.get(OwnParameter.TEAM, ""),
        "minutes": max(1, round(study.trials_per_rater * TYPICAL_TRIAL_SECONDS / 60)),
        "refusals": refusals(is_open=protocol.recruiting.open),
        "open_url": _open_url(study, query),
        **_voices(study),
        "question_cards": question_cards(study, language),
        "device_rules": study.devices and read_device_rules(study.devices),
        "browsers_said": ", ".join(study.devices.get("browsers", [])),
    }


def _voices(study: Study) -> dict[str, Any]:
    """Return what raters may say, and where they reach the organizers."""
    voices = voices_of(study)
    is_mail = "://" not in voices.contact
    url = f"mailto:{voices.contact}" if is_mail else voices.contact
    has_result = voices.own_result is not OwnResult.NONE
    return {
        "voices": voices,
        "has_result": has_result,
        "contact": voices.contact,
        "contact_url": url,
    }


def _state(study: Study, rater: Rater | None, entry_request: EntryRequest) -> str:
    """Return what the page shows first; whoever began goes on, or hears why not."""
    return "waiting" if rater else precheck(study, entry_request, timezone.now()) or "consent"


def _as_shown(study: Study, entry_request: EntryRequest, language: str) -> EntryRequest:
    """Return the request in the page's language, without a team that the study does not have."""
    known = language if language in study.protocol.languages else ""
    is_team = entry_request.team and entry_request.team in _teams(study)
    return replace(entry_request, language=known, team=entry_request.team if is_team else "")


def _teams(study: Study) -> list[str]:
    """Return the names of teams that raters are asked about."""
    return [team.name for team in teams_of(study)] if asks_for_team(study) else []


def _languages(protocol: Protocol, query: QueryDict) -> list[Language]:
    """Return the page in each language, with what the address says of where the rater is from."""
    languages = []
    for code in _offered(protocol):
        name = translation.get_language_info(code)["name_local"].capitalize()
        address = _with(query, OwnParameter.LANGUAGE, code).urlencode()
        languages.append(Language(code, name, f"?{address}"))
    return languages


def _open_url(study: Study, query: QueryDict) -> str:
    """Return the address without an invitation; "" where nobody gets in by that."""
    if not study.protocol.recruiting.open or OwnParameter.INVITATION not in query:
        return ""
    rest = query.copy()
    del rest[OwnParameter.INVITATION]
    page = reverse("web:rate", args=[study.slug])
    return f"{page}?{rest.urlencode()}" if rest else page


def _with(query: QueryDict, name: str, value: str) -> QueryDict:
    """Return what the address says, and one thing more."""
    address = query.copy()
    address[name] = value
    return address


def _facts(study: Study, language: str) -> dict[str, Any]:
    """Return what the scripts need to know of a study."""
    protocol = study.protocol
    return {
        "slug": study.slug,
        "language": language,
        "consentSha256": study.texts(language).consent_sha256,
        "trialSeconds": TYPICAL_TRIAL_SECONDS,
        "ties": study.ties_allowed,
        "breakEvery": protocol.break_every,
        "shown": {
            "layout": protocol.layout.value,
            "enlarge": protocol.enlarge,
            "width": study.crop_width,
            "height": study.crop_height,
            "isRefusing": protocol.small_window is SmallWindow.REFUSE,
        },
    }


def _origin(entry_request: EntryRequest) -> dict[str, Any]:
    """Return how the rater came, as the API takes it."""
    if sent := entry_request.participant:
        rest = {"study": sent.study, "session": sent.session}
        return {"platform": {"slug": sent.platform, "participant": sent.participant, **rest}}
    return {"invitation": entry_request.invitation} if entry_request.invitation else {}
