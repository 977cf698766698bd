"""The two boards, rankings and judgments as JSON and CSV."""

import json
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import replace
from tempfile import TemporaryFile

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
from ratings.api.base import CHUNK_BYTES, ApiView
from ratings.challenge.models import Dataset, Phase
from ratings.challenge.visibility import boards_open
from ratings.comparisons.models import Study
from ratings.fidelity.board import psnr_board
from ratings.psychometrics.figures import FIGURES, draw
from ratings.psychometrics.scales import NAMES, Scale
from ratings.ranking import export
from ratings.ranking.agreement import COLUMNS, agreement_rows
from ratings.ranking.board import HumanBoard, board_studies, human_board, study_scale
from ratings.ranking.drawing import drawing_of_board
from ratings.ranking.judgment_rows import judgment_rows
from ratings.ranking.models import Ranking
from ratings.ranking.parquet import ranking_parquet, write_judgments
from ratings.ranking.tex import judgments_tex, ranking_tex
from ratings.submissions.eligibility import standings, with_standings

# The media types of the formats; the first of each view's formats is its default.
MEDIA_TYPES = {
    "json": "application/json",
    "csv": "text/csv",
    "parquet": "application/vnd.apache.parquet",
    "tex": "application/x-tex",
    "svg": "image/svg+xml",
    "pdf": "application/pdf",
}
TABLES, FILES, DRAWINGS = ("json", "csv"), ("json", "csv", "parquet", "tex"), ("svg", "pdf")
ACCEPTED = "Default: what Accept asks for."
TABLE_FORMAT = OpenApiParameter("format", str, enum=TABLES, description=ACCEPTED)
FORMAT = OpenApiParameter("format", str, enum=FILES, description=ACCEPTED)
DATASET = OpenApiParameter("dataset", str, description="Slug of one data set; default: all.")
SCALE = OpenApiParameter("scale", str, enum=NAMES, description="Default: the study's own.")
STUDY = OpenApiParameter("study", str, description="Slug; default: the study on the board.")
VARIANT = OpenApiParameter(
    "variant", str, enum=Ranking.Variant.values, description="Which answers; default: used."
)
KINDS = {"json": OpenApiTypes.OBJECT, "csv": OpenApiTypes.STR, "tex": OpenApiTypes.STR}


def answers(formats: Sequence[str]) -> dict[tuple[int, str], OpenApiTypes]:
    """Return what the schema says of a view that answers in these formats."""
    return {(200, MEDIA_TYPES[name]): KINDS.get(name, OpenApiTypes.BINARY) for name in formats}


class TableView(ApiView):
    """A view of something that is a table, in several formats, and hidden while boards are."""

    authentication_classes = [OrganizerAuthentication, DeskAuthentication]

    def format_of(self, request: Request, formats: Sequence[str]) -> str:
        """Return which of the formats is asked for, by `format` or else by Accept."""
        asked = request.query_params.get("format")
        if asked is None:
            accepted = request.headers.get("Accept", "")
            return next((name for name in formats if MEDIA_TYPES[name] in accepted), formats[0])
        if asked not in formats:
            raise ValidationError({"format": [f"Choose one of: {', '.join(formats)}."]})
        return asked

    def ranking(self, request: Request, study: Study) -> HttpResponseBase:
        """Return a study's ranking as the request wants it: data set, scale, format."""
        dataset = _dataset(request, study.phase)
        variant = _variant(request)
        board = human_board(study, dataset, _scale(request, study), variant)
        found = standings(study.phase, self.received_at)
        board = replace(board, rows=with_standings(board.rows, found))
        form = self.format_of(request, FILES)
        if form == "json":
            return Response(export.ranking_document(board))
        what = "ranking" if variant == Ranking.Variant.USED else f"ranking-{variant}"
        name = _file_name(study.slug, dataset, what)
        return as_file([RANKINGS[form](board)], name, form)

    def visible(self, request: Request, phase: Phase) -> Phase:
        """Return the phase. Raises Http404 while its boards are closed to who asks."""
        if not (boards_open(phase, self.received_at) or is_organizer(request)):
            raise Http404
        return phase


class PsnrBoardView(TableView):
    """The PSNR board of a phase."""

    @extend_schema(
        operation_id="psnr_board", parameters=[TABLE_FORMAT, DATASET], responses=answers(TABLES)
    )
    def get(self, request: Request, slug: str, phase: str) -> HttpResponseBase:
        """Return one row a method, by falling PSNR; an infinite PSNR is the text "inf"."""
        found = self.visible(request, _phase(slug, phase))
        dataset = _dataset(request, found)
        rows = with_standings(psnr_board(found, dataset), standings(found, self.received_at))
        if self.format_of(request, TABLES) == "csv":
            name = _file_name(f"{slug}-{phase}", dataset, "psnr")
            return as_file([export.psnr_csv(rows)], name, "csv")
        head = {"challenge": slug, "phase": phase, "dataset": dataset.slug if dataset else None}
        return Response(head | {"results": export.psnr_rows(rows)})


class HumanBoardView(TableView):
    """The human ranking of a phase."""

    @extend_schema(
        operation_id="human_board",
        parameters=[FORMAT, DATASET, SCALE, VARIANT, STUDY],
        responses=answers(FILES),
    )
    def get(self, request: Request, slug: str, phase: str) -> HttpResponseBase:
        """Return one row a method, by rank, and what the ranking is made of."""
        found = self.visible(request, _phase(slug, phase))
        return self.ranking(request, _board_study(request, found))


class AgreementView(TableView):
    """Metrics against people: PSNR, MS-SSIM and rate beside the human ranking of a phase."""

    @extend_schema(
        operation_id="agreement",
        parameters=[TABLE_FORMAT, DATASET, STUDY],
        responses=answers(TABLES),
    )
    def get(self, request: Request, slug: str, phase: str) -> HttpResponseBase:
        """Return one row a metric and coefficient: spearman, kendall (tau-b) and pearson."""
        found = self.visible(request, _phase(slug, phase))
        study, dataset = _board_study(request, found), _dataset(request, found)
        rows = agreement_rows(human_board(study, dataset))
        if self.format_of(request, TABLES) == "csv":
            pieces = list(export.to_csv(COLUMNS, rows))
            return as_file(["".join(pieces)], _file_name(study.slug, dataset, "agreement"), "csv")
        head = {"study": study.slug, "dataset": dataset.slug if dataset else None}
        return Response(head | {"results": rows})


class FigureView(TableView):
    """A figure of the human ranking of a phase, for print."""

    @extend_schema(
        operation_id="figure", parameters=[DATASET, SCALE, STUDY], responses=answers(DRAWINGS)
    )
    def get(
        self, request: Request, slug: str, phase: str, name: str, form: str
    ) -> HttpResponseBase:
        """Return scores, ranks, win-probabilities or psnr as svg or pdf."""
        found = self.visible(request, _phase(slug, phase))
        study, dataset = _board_study(request, found), _dataset(request, found)
        if name not in FIGURES or form not in DRAWINGS:
            raise Http404
        board = human_board(study, dataset, _scale(request, study))
        try:
            drawn = draw(name, drawing_of_board(board, psnr_board(found, dataset)), form)
        except ValueError as error:
            raise NotFound(str(error)) from error
        return HttpResponse(drawn, content_type=MEDIA_TYPES[form])


class RankingView(TableView):
    """The latest ranking of a study."""

    @extend_schema(
        operation_id="ranking",
        parameters=[FORMAT, DATASET, SCALE, VARIANT],
        responses=answers(FILES),
    )
    def get(self, request: Request, slug: str) -> HttpResponseBase:
        """Return one row a method, by rank, and what the ranking is made of."""
        study = _study(slug)
        self.visible(request, study.phase)
        return self.ranking(request, study)


class JudgmentsView(TableView):
    """All judgments of a study, for organizers."""

    @extend_schema(operation_id="judgments", parameters=[FORMAT], responses=answers(FILES))
    def get(self, request: Request, slug: str) -> HttpResponseBase:
        """Return one row a judgment, in the order of storing, excluded ones marked."""
        if not is_organizer(request):
            raise NotAuthenticated("Judgments are for organizers: send a bearer token.")
        study = _study(slug)
        form = self.format_of(request, FILES)
        if form == "json":
            return StreamingHttpResponse(_json_pieces(study), content_type="application/json")
        return as_file(JUDGMENTS[form](study), f"{slug}-judgments", form)


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


def _variant(request: Request) -> str:
    """Return which answers the ranking is to be of. Raises ValidationError for unknown ones."""
    variant = request.query_params.get("variant", Ranking.Variant.USED)
    if variant not in Ranking.Variant.values:
        raise ValidationError({"variant": [f"Choose one of: {', '.join(Ranking.Variant.values)}."]})
    return variant


def _file_name(of: str, dataset: Dataset | None, what: str) -> str:
    return "-".join([of, *([dataset.slug] if dataset else []), what])


def as_file(pieces: Iterable[str | bytes], name: str, form: str) -> HttpResponseBase:
    """Return a download; a list is sent at once, anything else piece by piece."""
    headers = {"Content-Disposition": f'attachment; filename="{name}.{form}"'}
    media_type = MEDIA_TYPES[form]
    if form in ("csv", "tex"):
        media_type += "; charset=utf-8" + ("; header=present" if form == "csv" else "")
    if isinstance(pieces, list):
        return HttpResponse(pieces[0], content_type=media_type, headers=headers)
    return StreamingHttpResponse(pieces, content_type=media_type, headers=headers)


def _parquet_pieces(study: Study) -> Iterator[bytes]:
    """Yield the judgments as Parquet, which is written whole before it can be read."""
    with TemporaryFile() as file:
        write_judgments(study, file)
        file.seek(0)
        yield from iter(lambda: file.read(CHUNK_BYTES), b"")


def _json_pieces(study: Study) -> Iterator[str]:
    """Yield {"study": ..., "results": [...]} row by row: there may be a million."""
    yield f'{{"study": {json.dumps(study.slug)}, "results": ['
    for number, row in enumerate(judgment_rows(study)):
        yield (",\n" if number else "\n") + json.dumps(row, cls=DjangoJSONEncoder)
    yield "\n]}\n"


RANKINGS: Mapping[str, Callable[[HumanBoard], str | bytes]] = {
    "csv": export.ranking_csv,
    "parquet": ranking_parquet,
    "tex": ranking_tex,
}
JUDGMENTS: Mapping[str, Callable[[Study], Iterator[str] | Iterator[bytes]]] = {
    "csv": export.judgments_csv,
    "parquet": _parquet_pieces,
    "tex": judgments_tex,
}
