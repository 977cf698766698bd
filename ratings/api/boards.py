"""The two boards, rankings and judgments as JSON and CSV."""

import json
from collections.abc import Iterable, Iterator

from django.core.serializers.json import DjangoJSONEncoder
from django.http import Http404, HttpResponse, HttpResponseBase, StreamingHttpResponse
from django.shortcuts import get_object_or_404
from drf_spectacular.types import OpenApiTypes
from drf_spectacular.utils import OpenApiParameter, extend_schema
from rest_framework.exceptions import NotAuthenticated, NotFound, ValidationError
from rest_framework.request import Request
from rest_framework.response import Response

from ratings.api.authentication import (
    DeskAuthentication,
    OrganizerAuthentication,
    is_organizer,
)
from ratings.api.base import ApiView
from ratings.challenge.models import Dataset, Phase
from ratings.challenge.visibility import boards_open
from ratings.comparisons.models import Study
from ratings.fidelity.board import psnr_board
from ratings.psychometrics.figures import FIGURES, draw
from ratings.psychometrics.scales import NAMES, Scale
from ratings.ranking import export
from ratings.ranking.board import board_studies, human_board, study_scale
from ratings.ranking.drawing import drawing_of_board

FORMATS = ("json", "csv")
FORMAT = OpenApiParameter("format", str, enum=FORMATS, description="Default: what Accept asks for.")
DATASET = OpenApiParameter("dataset", str, description="Slug of one data set; default: all.")
SCALE = OpenApiParameter("scale", str, enum=NAMES, description="Default: the study's own.")
STUDY = OpenApiParameter("study", str, description="Slug; default: the study on the board.")
TABLE = {(200, "application/json"): OpenApiTypes.OBJECT, (200, "text/csv"): OpenApiTypes.STR}
MEDIA_TYPES = {"svg": "image/svg+xml", "pdf": "application/pdf"}
DRAWN = {(200, media_type): OpenApiTypes.BINARY for media_type in MEDIA_TYPES.values()}


class TableView(ApiView):
    """A view of something that is a table: JSON or CSV, and hidden while boards are."""

    authentication_classes = [OrganizerAuthentication, DeskAuthentication]

    def wants_csv(self, request: Request) -> bool:
        """Tell which format is asked for, by `format` or else by Accept."""
        asked = request.query_params.get("format")
        if asked is None:
            return "text/csv" in request.headers.get("Accept", "")
        if asked not in FORMATS:
            raise ValidationError({"format": [f"Choose one of: {', '.join(FORMATS)}."]})
        return asked == "csv"

    def ranking(self, request: Request, study: Study) -> HttpResponseBase:
        """Return a study's ranking as the request wants it: data set, scale, format."""
        dataset = _dataset(request, study.phase)
        board = human_board(study, dataset, _scale(request, study))
        if self.wants_csv(request):
            return _csv([export.ranking_csv(board)], _file_name(study.slug, dataset, "ranking"))
        return Response(export.ranking_document(board))

    def visible(self, request: Request, phase: Phase) -> Phase:
        """Return the phase. Raises Http404 while its boards are closed to who asks."""
        if not (boards_open(phase, self.received_at) or is_organizer(request)):
            raise Http404
        return phase


class PsnrBoardView(TableView):
    """The PSNR board of a phase."""

    @extend_schema(operation_id="psnr_board", parameters=[FORMAT, DATASET], responses=TABLE)
    def get(self, request: Request, slug: str, phase: str) -> HttpResponseBase:
        """Return one row a method, by falling PSNR; an infinite PSNR is the text "inf"."""
        found = self.visible(request, _phase(slug, phase))
        dataset = _dataset(request, found)
        rows = psnr_board(found, dataset)
        if self.wants_csv(request):
            return _csv([export.psnr_csv(rows)], _file_name(f"{slug}-{phase}", dataset, "psnr"))
        head = {"challenge": slug, "phase": phase, "dataset": dataset.slug if dataset else None}
        return Response(head | {"results": export.psnr_rows(rows)})


class HumanBoardView(TableView):
    """The human ranking of a phase."""

    @extend_schema(
        operation_id="human_board", parameters=[FORMAT, DATASET, SCALE, STUDY], responses=TABLE
    )
    def get(self, request: Request, slug: str, phase: str) -> HttpResponseBase:
        """Return one row a method, by rank, and what the ranking is made of."""
        found = self.visible(request, _phase(slug, phase))
        return self.ranking(request, _board_study(request, found))


class FigureView(TableView):
    """A figure of the human ranking of a phase, for print."""

    @extend_schema(operation_id="figure", parameters=[DATASET, SCALE, STUDY], responses=DRAWN)
    def get(
        self, request: Request, slug: str, phase: str, name: str, form: str
    ) -> HttpResponseBase:
        """Return scores, ranks, win-probabilities or psnr as svg or pdf."""
        found = self.visible(request, _phase(slug, phase))
        study, dataset = _board_study(request, found), _dataset(request, found)
        if name not in FIGURES or form not in MEDIA_TYPES:
            raise Http404
        board = human_board(study, dataset, _scale(request, study))
        try:
            drawn = draw(name, drawing_of_board(board, psnr_board(found, dataset)), form)
        except ValueError as error:
            raise NotFound(str(error)) from error
        return HttpResponse(drawn, content_type=MEDIA_TYPES[form])


class RankingView(TableView):
    """The latest ranking of a study."""

    @extend_schema(operation_id="ranking", parameters=[FORMAT, DATASET, SCALE], responses=TABLE)
    def get(self, request: Request, slug: str) -> HttpResponseBase:
        """Return one row a method, by rank, and what the ranking is made of."""
        study = _study(slug)
        self.visible(request, study.phase)
        return self.ranking(request, study)


class JudgmentsView(TableView):
    """All judgments of a study, for organizers."""

    @extend_schema(operation_id="judgments", parameters=[FORMAT], responses=TABLE)
    def get(self, request: Request, slug: str) -> HttpResponseBase:
        """Return one row a judgment, in the order of storing, excluded ones marked."""
        if not is_organizer(request):
            raise NotAuthenticated("Judgments are for organizers: send a bearer token.")
        study = _study(slug)
        if self.wants_csv(request):
            return _csv(export.judgments_csv(study), f"{slug}-judgments")
        return StreamingHttpResponse(_json_pieces(study), content_type="application/json")


def _phase(slug: str, phase: str) -> Phase:
    phases = Phase.objects.select_related("challenge")
    return get_object_or_404(phases, challenge__slug=slug, slug=phase)


def _study(slug: str) -> Study:
    return get_object_or_404(Study.objects.select_related("phase__challenge"), slug=slug)


def _board_study(request: Request, phase: Phase) -> Study:
    """Return the study that is asked for, or the board's. Raises Http404 where there is none."""
    chosen = request.query_params.get("study")
    studies = board_studies(phase)
    study = get_object_or_404(studies, slug=chosen) if chosen else studies.first()
    if study is None:
        raise Http404
    return study


def _dataset(request: Request, phase: Phase) -> Dataset | None:
    """Return the data set that is asked for, None for all. Raises Http404 for an unknown one."""
    slug = request.query_params.get("dataset")
    return get_object_or_404(phase.datasets, slug=slug) if slug else None


def _scale(request: Request, study: Study) -> Scale:
    """Return the scale that is asked for. Raises ValidationError for an unknown one."""
    name = request.query_params.get("scale", "")
    if name and name not in NAMES:
        raise ValidationError({"scale": [f"Choose one of: {', '.join(NAMES)}."]})
    return study_scale(study, name)


def _file_name(of: str, dataset: Dataset | None, what: str) -> str:
    return "-".join([of, *([dataset.slug] if dataset else []), what])


def _csv(pieces: Iterable[str], name: str) -> HttpResponseBase:
    headers = {"Content-Disposition": f'attachment; filename="{name}.csv"'}
    media_type = "text/csv; charset=utf-8; header=present"
    if isinstance(pieces, list):
        return HttpResponse("".join(pieces), content_type=media_type, headers=headers)
    return StreamingHttpResponse(pieces, content_type=media_type, headers=headers)


def _json_pieces(study: Study) -> Iterator[str]:
    """Yield {"study": ..., "results": [...]} row by row: there may be a million."""
    yield f'{{"study": {json.dumps(study.slug)}, "results": ['
    for number, row in enumerate(export.judgment_rows(study)):
        yield (",\n" if number else "\n") + json.dumps(row, cls=DjangoJSONEncoder)
    yield "\n]}\n"
