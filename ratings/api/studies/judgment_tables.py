"""A study's judgments as files, row by row: there may be a million."""

import json
from collections.abc import Callable, Iterator, Mapping
from tempfile import TemporaryFile

from django.core.serializers.json import DjangoJSONEncoder
from django.http import HttpResponseBase, StreamingHttpResponse
from django.shortcuts import get_object_or_404
from drf_spectacular.utils import extend_schema
from rest_framework.request import Request

from ratings.api.parts.authentication import require_organizer
from ratings.api.parts.table_views import FILES, FORMAT, TableView, answers, as_stream
from ratings.api.parts.uploads import CHUNK_BYTES
from ratings.comparisons.models import Study
from ratings.ranking.evidence.judgment_rows import judgment_rows
from ratings.ranking.tables import export
from ratings.ranking.tables.parquet import write_judgments
from ratings.ranking.tables.tex import judgments_tex


class JudgmentsView(TableView):
    """All judgments of a study, for organizers."""

    public = False

    @extend_schema(operation_id="judgments", parameters=[FORMAT], responses=answers(FILES))
    def get(self, request: Request, slug: str) -> HttpResponseBase:
        """Return one row a judgment, in the order of storing, excluded ones marked."""
        require_organizer(request, "Judgments are for organizers: send a bearer token.")
        study = get_object_or_404(Study, slug=slug)
        form = self.format_of(request, FILES)
        if form == "json":
            return StreamingHttpResponse(_json_pieces(study), content_type="application/json")
        return as_stream(JUDGMENTS[form](study), f"{slug}-judgments", form)


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


JUDGMENTS: Mapping[str, Callable[[Study], Iterator[str] | Iterator[bytes]]] = {
    "csv": export.judgments_csv,
    "parquet": _parquet_pieces,
    "tex": judgments_tex,
}
