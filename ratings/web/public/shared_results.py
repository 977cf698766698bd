"""What the heads of pages with results say of them: a picture, and a data set of schema.org."""

from collections.abc import Mapping
from dataclasses import replace
from datetime import datetime
from typing import Any

from django.http import HttpRequest
from django.urls import reverse
from django.utils.safestring import SafeString

from ratings.challenge.access.visibility import boards_open
from ratings.challenge.models import Phase
from ratings.ranking.boards.human_board import HumanBoard
from ratings.ranking.frozen.citations import Citation, dataset_json
from ratings.ranking.frozen.cited import authors
from ratings.web.parts.shared_pages import SharedPage, SharedPicture, feed_of, shared_page
from ratings.web.parts.viewpoint import public_url
from ratings.web.parts.words.formatting import count

# The formats in which the API has rankings.
MEDIA_TYPES = {
    "json": "application/json",
    "csv": "text/csv",
    "parquet": "application/vnd.apache.parquet",
    "tex": "application/x-tex",
}
MEASURED = ["human preference score", "PSNR"]


def shared_board(
    request: HttpRequest,
    phase: Phase,
    human: HumanBoard | None,
    page: Mapping[str, Any],
    now: datetime,
) -> SharedPage | None:
    """Return what the head of a board says; None while organizers alone see it."""
    if not boards_open(phase, now):
        return None
    challenge = phase.challenge
    title = f"{challenge.name}: {phase.name}"
    shared = shared_page(request, title, page["lead"] or challenge.summary, feed_of(challenge))
    if shared is None or human is None or human.computed_at is None:
        return shared
    cited = Citation(
        key=challenge.slug,
        title=title,
        authors=authors(challenge),
        published=human.computed_at.date(),
        url=shared.url,
        doi=challenge.doi,
        license=challenge.license,
    )
    ranking = reverse("api:ranking", args=[human.study.slug])
    shared = with_results(request, shared, cited, human, ranking)
    if page.get("citable"):
        return replace(shared, picture=picture(request, f"{page['citable']}card.png", title))
    return shared


def with_results(
    request: HttpRequest, shared: SharedPage, cited: Citation, human: HumanBoard, ranking: str
) -> SharedPage:
    """Return the head of a page with what schema.org says of a ranking that the API has."""
    address = public_url(request, ranking)
    facts = {
        "keywords": ["image compression", "subjective quality", "pairwise comparison"],
        "variableMeasured": MEASURED,
        "measurementTechnique": "pairwise comparison by human raters, Bradley-Terry model",
        "dateModified": human.computed_at and human.computed_at.isoformat(),
        "distribution": [
            {
                "@type": "DataDownload",
                "encodingFormat": media_type,
                "contentUrl": f"{address}?format={form}",
            }
            for form, media_type in MEDIA_TYPES.items()
        ],
    }
    known = {name: value for name, value in facts.items() if value}
    return replace(shared, dataset=SafeString(dataset_json(cited, described(human), known)))


def described(human: HumanBoard) -> str:
    """Return what a ranking is made of, in a sentence."""
    made_of = [
        count(human.judgments, "judgment"),
        human.judged_by(count(human.raters, "rater")),
        human.judged_on(count(human.pictures, "picture")),
    ]
    simulated = " Simulated: it includes judgments of synthetic raters." if human.simulated else ""
    methods = count(sum(row.rank is not None for row in human.rows), "method")
    return f"A ranking of {methods} by people: {', '.join(made_of)}.{simulated}"


def picture(request: HttpRequest, path: str, title: str) -> SharedPicture:
    """Return the card of a frozen ranking, by its path, as the picture of a page."""
    return SharedPicture(public_url(request, path), f"Scores with their intervals: {title}")
