"""Frozen rankings: the list of a study's, and each as it was for good, in every format."""

from collections.abc import Callable, Mapping

from django.db.models import Q, QuerySet
from django.http import Http404, HttpResponseBase
from django.shortcuts import get_object_or_404
from django.urls import reverse
from drf_spectacular.utils import OpenApiParameter, extend_schema
from rest_framework import serializers
from rest_framework.exceptions import NotFound
from rest_framework.request import Request
from rest_framework.response import Response

from ratings.api.parts.authentication import is_organizer
from ratings.api.parts.json_views import CURSOR, Pages, page_of
from ratings.api.parts.table_views import (
    DRAWINGS,
    FILES,
    FORMAT,
    TableView,
    answers,
    as_drawing,
    as_file,
)
from ratings.challenge.access.visibility import seen
from ratings.comparisons.models import Study
from ratings.comparisons.participation import phases_of
from ratings.psychometrics.report.figures import FIGURES, draw
from ratings.ranking.boards.board_drawing import drawing_of_board
from ratings.ranking.frozen.frozen_rankings import (
    board_of,
    decibels_of,
    frozen_of,
    frozen_phases,
    read,
    shown_to_all,
)
from ratings.ranking.models import FrozenRanking
from ratings.ranking.tables.export import ranking_csv
from ratings.ranking.tables.parquet import document_parquet
from ratings.ranking.tables.tex import ranking_tex

IMMUTABLE = "public, max-age=31536000, immutable"
DATASET = OpenApiParameter("dataset", str, description="Slug of one data set; default: all.")
FORMS: Mapping[str, Callable[[FrozenRanking], str | bytes]] = {
    "json": lambda frozen: frozen.document,
    "csv": lambda frozen: ranking_csv(board_of(frozen)),
    "parquet": lambda frozen: document_parquet(read(frozen)),
    "tex": lambda frozen: ranking_tex(board_of(frozen)),
}


class FrozenRankingSerializer(serializers.ModelSerializer[FrozenRanking]):
    """A frozen ranking in a list."""

    dataset = serializers.CharField(help_text="Slug; empty for all pictures.")
    url = serializers.SerializerMethodField(help_text="Its address in the API.")
    page_url = serializers.SerializerMethodField(help_text="The address to cite.")

    class Meta:
        model = FrozenRanking
        fields = ["digest", "study", "dataset", "computed_at", "judgments", "url", "page_url"]

    def get_url(self, frozen: FrozenRanking) -> str:
        """Return where it is read."""
        return reverse("api:frozen-ranking", args=[frozen.phase.challenge.slug, frozen.digest])

    def get_page_url(self, frozen: FrozenRanking) -> str:
        """Return the address of its page."""
        return reverse("web:frozen-ranking", args=[frozen.phase.challenge.slug, frozen.digest])


class FrozenPages(Pages):
    """In the order in which they were computed, which is also that of the curve."""

    ordering = ("computed_at", "id")  # type: ignore[assignment]


class FrozenList(TableView):
    """The frozen rankings of a study."""

    @extend_schema(
        operation_id="frozen_rankings",
        parameters=[DATASET, CURSOR],
        responses=page_of(FrozenRankingSerializer),
    )
    def get(self, request: Request, slug: str) -> Response:
        """List a study's frozen rankings in the order of time, of all pictures or a data set."""
        study = get_object_or_404(Study.objects.select_related("phase__challenge"), slug=slug)
        phases = phases_of(study)
        if not all(self.may_see(request, phase) for phase in phases):
            raise Http404  # whether there is such a study is not told
        named = request.query_params.get("dataset")
        dataset = get_object_or_404(study.phase.datasets, slug=named) if named else None
        frozen = frozen_of(study, dataset).select_related("phase__challenge").defer("document")
        for until in filter(None, (self.until(request, phase) for phase in phases)):
            frozen = frozen.filter(computed_at__lte=until)
        pages = FrozenPages()
        rows = pages.paginate_queryset(frozen, request, self)
        return pages.get_paginated_response(FrozenRankingSerializer(rows, many=True).data)


class FrozenCall(TableView):
    """A call about one frozen ranking."""

    def frozen(self, request: Request, slug: str, digest: str) -> FrozenRanking:
        """Return it. Raises Http404, with the instant where its boards are closed."""
        frozen = get_object_or_404(_visible(request), phase__challenge__slug=slug, digest=digest)
        for phase in frozen_phases(frozen):
            self.visible(request, phase)
        if not (is_organizer(request) or shown_to_all(frozen, self.received_at)):
            raise NotFound("The boards are frozen; it is shown when they are live again.")
        return frozen

    def kept(self, frozen: FrozenRanking, answer: HttpResponseBase) -> HttpResponseBase:
        """Let caches keep for good what everyone may see and nothing changes."""
        if shown_to_all(frozen, self.received_at) and frozen.redacted_at is None:
            answer.headers["Cache-Control"] = IMMUTABLE
        return answer


def _visible(request: Request) -> QuerySet[FrozenRanking]:
    by: Q = seen(organizer=is_organizer(request), challenge="phase__challenge__")
    return FrozenRanking.objects.select_related("phase__challenge").filter(by)


class FrozenView(FrozenCall):
    """One frozen ranking."""

    @extend_schema(operation_id="frozen_ranking", parameters=[FORMAT], responses=answers(FILES))
    def get(self, request: Request, slug: str, digest: str) -> HttpResponseBase:
        """Return it as it was; the SHA-256 of the JSON is its digest, byte for byte."""
        frozen = self.frozen(request, slug, digest)
        form = self.format_of(request, FILES)
        name = f"{frozen.study}-{digest[:12]}"
        return self.kept(frozen, as_file(request, FORMS[form](frozen), name, form))


class FrozenFigure(FrozenCall):
    """A figure of a frozen ranking, for print."""

    @extend_schema(operation_id="frozen_figure", responses=answers(DRAWINGS))
    def get(
        self, request: Request, slug: str, digest: str, name: str, form: str
    ) -> HttpResponseBase:
        """Return scores, ranks, win-probabilities or psnr as svg or pdf."""
        frozen = self.frozen(request, slug, digest)
        if name not in FIGURES or form not in DRAWINGS:
            raise Http404
        try:
            drawn = draw(name, drawing_of_board(board_of(frozen), decibels_of(frozen)), form)
        except ValueError as error:
            raise NotFound(str(error)) from error
        return as_drawing(request, drawn, f"{frozen.study}-{digest[:12]}-{name}", form)
