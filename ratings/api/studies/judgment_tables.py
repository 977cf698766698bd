"""A study's judgments as files, row by row: there may be a million."""

import json
from collections.abc import Callable, Iterator, Mapping
from tempfile import TemporaryFile

from django.core.serializers.json import DjangoJSONEncoder
from django.http import HttpResponseBase, StreamingHttpResponse
from django.shortcuts import get_object_or_404
from drf_spectacular.utils import OpenApiParameter, extend_schema
from rest_framework.exceptions import ValidationError
from rest_framework.request import Request

from ratings.api.parts.authentication import require_organizer
from ratings.api.parts.table_views import FILES, FORMAT, TableView, answers, as_stream
from ratings.api.parts.uploads import CHUNK_BYTES
from ratings.comparisons.models import Stage, Study
from ratings.ranking.evidence.judgment_rows import judgment_rows
from ratings.ranking.tables import export
from ratings.ranking.tables.parquet import write_judgments
from ratings.ranking.tables.tex import judgments_tex

STAGE = OpenApiParameter("stage", str, enum=Stage.values, description="Default: main.")


class JudgmentsView(TableView):
    """All judgments of a study, for organizers."""

    public = False

    @extend_schema(operation_id="judgments", parameters=[FORMAT, STAGE], responses=answers(FILES))
    def get(self, request: Request, slug: str) -> HttpResponseBase:
        """Return one row a judgment, in the order of storing, excluded ones marked.

        They are the main stage's; those of a pilot are a file of their own.
        """
        require_organizer(request, "Judgments are for organizers: send a bearer token.")
        study = get_object_or_404(Study, slug=slug)
        form, stage = self.format_of(request, FILES), _stage(request)
        if form == "json":
            pieces = _json_pieces(study, stage)
            return StreamingHttpResponse(pieces, content_type="application/json")
        name = f"{slug}-judgments" if stage is Stage.MAIN else f"{slug}-{stage}-judgments"
        return as_stream(JUDGMENTS[form](study, stage), name, form)


def _stage(request: Request) -> Stage:
    """Return the stage whose judgments are asked for. Raises ValidationError."""
    asked = request.query_params.get("stage", Stage.MAIN.value)
    if asked not in Stage.values:
        raise ValidationError({"stage": [f"Choose one of: {', '.join(Stage.values)}."]})
    return Stage(asked)


def _parquet_pieces(study: Study, stage: Stage) -> Iterator[bytes]:
    """Yield the judgments as Parquet, which is written whole before it can be read."""
    with TemporaryFile() as file:
        write_judgments(study, file, stage)
        file.seek(0)
        yield from iter(lambda: file.read(CHUNK_BYTES), b"")


def _json_pieces(study: Study, stage: Stage) -> Iterator[str]:
    """Yield {"study": ..., "results": [...]} row by row: there may be a million."""
    yield f'{{"study": {json.dumps(study.slug)}, "results": ['
    for number, row in enumerate(judgment_rows(study, stage)):
        yield (",\n" if number else "\n") + json.dumps(row, cls=DjangoJSONEncoder)
    yield "\n]}\n"


JUDGMENTS: Mapping[str, Callable[[Study, Stage], Iterator[str] | Iterator[bytes]]] = {
    "csv": export.judgments_csv,
    "parquet": _parquet_pieces,
    "tex": judgments_tex,
}
