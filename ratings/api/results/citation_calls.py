"""How a challenge and its frozen rankings are cited: BibTeX and the Citation File Format."""

from collections.abc import Callable, Mapping

from django.http import HttpResponseBase
from django.shortcuts import get_object_or_404
from django.urls import reverse
from drf_spectacular.utils import OpenApiParameter, extend_schema
from rest_framework.request import Request
from rest_framework.response import Response

from ratings.api.parts.authentication import is_organizer
from ratings.api.parts.table_views import ACCEPTED, TableView, answers, as_file
from ratings.api.results.frozen_calls import FrozenCall
from ratings.challenge.access.visibility import seen
from ratings.challenge.models import Challenge
from ratings.ranking.frozen.citations import Citation, bibtex, cff, citation_line
from ratings.ranking.frozen.cited import cited_challenge, cited_ranking

CITATIONS: Mapping[str, tuple[Callable[[Citation], str], str, str]] = {
    "bibtex": (bibtex, "{}", "bib"),
    "cff": (cff, "CITATION", "cff"),
}
FORMS = ("json", *CITATIONS)
CITED_AS = OpenApiParameter("format", str, enum=FORMS, description=ACCEPTED)


class _CitationCall(TableView):
    """A call that says how something is cited."""

    def cited(self, request: Request, cited: Citation) -> HttpResponseBase:
        """Return a citation in the format that is asked for."""
        form = self.format_of(request, FORMS)
        if form == "json":
            files = {name: write(cited) for name, (write, _, _) in CITATIONS.items()}
            return Response({"citation": citation_line(cited), **files})
        write, name, suffix = CITATIONS[form]
        return as_file(request, write(cited), name.format(cited.key), form, suffix)


class ChallengeCitation(_CitationCall):
    """How a challenge is cited."""

    @extend_schema(operation_id="cite_challenge", parameters=[CITED_AS], responses=answers(FORMS))
    def get(self, request: Request, slug: str) -> HttpResponseBase:
        """Return a line to copy, BibTeX and CITATION.cff as JSON, or one of the latter two."""
        visible = Challenge.objects.filter(seen(organizer=is_organizer(request)))
        challenge = get_object_or_404(visible, slug=slug)
        url = request.build_absolute_uri(reverse("web:challenge", args=[slug]))
        return self.cited(request, cited_challenge(challenge, url, self.received_at))


class RankingCitation(_CitationCall, FrozenCall):
    """How a frozen ranking is cited."""

    @extend_schema(operation_id="cite_ranking", parameters=[CITED_AS], responses=answers(FORMS))
    def get(self, request: Request, slug: str, digest: str) -> HttpResponseBase:
        """Return a line to copy, BibTeX and CITATION.cff as JSON, or one of the latter two."""
        frozen = self.frozen(request, slug, digest)
        url = request.build_absolute_uri(reverse("web:frozen-ranking", args=[slug, digest]))
        return self.cited(request, cited_ranking(frozen, url))
