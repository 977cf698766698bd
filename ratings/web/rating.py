"""The rating page: one study's consent, its trials, and its thanks."""

from collections.abc import Sequence
from dataclasses import dataclass
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

from ratings.comparisons import raters
from ratings.comparisons.models import Rater, Study
from ratings.comparisons.protocol import Protocol, SmallWindow
from ratings.comparisons.recruiting import Arrival, arrival, foreseen, is_back
from ratings.web.refusals import REFUSALS
from ratings.web.words import paragraphs

# What is told before the rater's own pace is known.
TYPICAL_TRIAL_SECONDS = 6


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
    study = get_object_or_404(Study.objects.select_related("phase__challenge"), slug=slug)
    if "rater" in request.GET:
        return _follow(study, request.GET["rater"])
    came = arrival(study, request.GET.dict())
    rater = raters.find(study, request.COOKIES)
    if rater and not is_back(rater, came):
        rater = None  # somebody else at the same browser
    language = choose_language(request, study.how, rater)
    context = _context(study, rater, came, language, request.GET)
    with translation.override(language):
        response = render(request, "rate.html", context)
    response["Content-Language"] = language
    patch_vary_headers(response, ["Accept-Language", "Cookie"])
    return response


def _follow(study: Study, link: str) -> HttpResponse:
    """Let the browser hold whom a personal link names, and clear it from the address."""
    rater = raters.linked(study, link)
    response = redirect(reverse("web:rate", args=[study.slug]) + ("" if rater else "?lost="))
    if rater:
        raters.remember(response, rater)
    return response


def choose_language(request: HttpRequest, how: Protocol, rater: Rater | None) -> str:
    """Return the language of the page: as asked for, as before, or as the browser likes it best.

    Never one that the study does not name or that the page is not translated to.
    """
    offered = _offered(how)
    wanted = [request.GET.get("lang", ""), rater.language if rater else ""]
    header = request.headers.get("Accept-Language", "")
    wanted += [code for code, _ in parse_accept_lang_header(header)]
    for code in wanted:
        try:
            found = get_supported_language_variant(code)
        except LookupError:
            continue
        if found in offered:
            return found
    return offered[0]


def _offered(how: Protocol) -> Sequence[str]:
    """Return the study's languages that the page is translated to; English where none is."""
    known = dict(settings.LANGUAGES)
    return [code for code in how.languages if code in known] or ["en"]


def _context(
    study: Study, rater: Rater | None, came: Arrival, language: str, query: QueryDict
) -> dict[str, Any]:
    challenge, how, texts = study.phase.challenge, study.how, study.texts(language)
    return {
        "study": study,
        "challenge": challenge,
        "challenge_url": reverse("web:challenge", args=[challenge.slug]),
        "state": "lost" if "lost" in query else _state(study, rater, came),
        "language": language,
        "languages": _languages(how, query),
        "texts": texts,
        "layout": how.layout.value,
        "training": how.training.trials,
        "consent": paragraphs(texts.consent),
        "minutes": max(1, round(study.trials_per_rater * TYPICAL_TRIAL_SECONDS / 60)),
        "refusals": REFUSALS,
        "page": _page(study, came, language),
    }


def _state(study: Study, rater: Rater | None, came: Arrival) -> str:
    """Return what the page shows first; whoever began goes on, or hears why not."""
    return "waiting" if rater else foreseen(study, came, timezone.now()) or "consent"


def _languages(how: Protocol, query: QueryDict) -> list[Language]:
    """Return the page in each language, with what the address says of where the rater is from."""
    languages = []
    for code in _offered(how):
        address = query.copy()
        address["lang"] = code
        name = translation.get_language_info(code)["name_local"].capitalize()
        languages.append(Language(code, name, f"?{address.urlencode()}"))
    return languages


def _page(study: Study, came: Arrival, language: str) -> dict[str, Any]:
    """Return what the scripts need to know."""
    how = study.how
    return {
        "slug": study.slug,
        "begin": reverse("api:raters", args=[study.slug]),
        "session": reverse("api:session", args=[study.slug]),
        "trials": reverse("api:next-trials", args=[study.slug]),
        "language": language,
        "consentSha256": study.texts(language).consent_sha256,
        "trialSeconds": TYPICAL_TRIAL_SECONDS,
        "ties": study.ties_allowed,
        "breakEvery": how.break_every,
        "from": _origin(came),
        "shown": {
            "layout": how.layout.value,
            "enlarge": how.enlarge,
            "width": study.crop_width,
            "height": study.crop_height,
            "isRefusing": how.small_window is SmallWindow.REFUSE,
        },
    }


def _origin(came: Arrival) -> dict[str, Any]:
    """Return how the rater came, as the API takes it."""
    if sent := came.participant:
        rest = {"study": sent.study, "session": sent.session}
        return {"platform": {"slug": sent.platform, "participant": sent.participant, **rest}}
    return {"invitation": came.invitation} if came.invitation else {}
