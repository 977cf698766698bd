"""What raters said beside their answers, as tables for organizers."""

from collections.abc import Callable, Iterator, Sequence
from typing import Any

from django.http import HttpResponseBase
from django.shortcuts import get_object_or_404
from drf_spectacular.utils import extend_schema
from rest_framework.request import Request
from rest_framework.response import Response

from ratings.api.parts.authentication import require_organizer
from ratings.api.parts.table_views import TABLE_FORMAT, TABLES, TableView, answers, as_file
from ratings.comparisons.models import Study
from ratings.comparisons.voices.voice_rows import (
    COMMENT_COLUMNS,
    FLAG_COLUMNS,
    comment_rows,
    flag_rows,
)
from ratings.ranking.tables.export import to_csv

Rows = Callable[[Study], Iterator[dict[str, Any]]]


class VoiceTable(TableView):
    """A table of what raters said; never public."""

    public = False

    def table(
        self, request: Request, slug: str, name: str, columns: Sequence[str], rows: Rows
    ) -> HttpResponseBase:
        """Return a study's table as JSON or CSV, to organizers."""
        require_organizer(request, "What raters said is for organizers: send a bearer token.")
        study = get_object_or_404(Study, slug=slug)
        if self.format_of(request, TABLES) == "csv":
            text = "".join(to_csv(list(columns), rows(study)))
            return as_file(request, text, f"{slug}-{name}", "csv")
        return Response({"study": slug, "results": list(rows(study))})


class FlagsView(VoiceTable):
    """The flags on a study's trials."""

    @extend_schema(operation_id="flags", parameters=[TABLE_FORMAT], responses=answers(TABLES))
    def get(self, request: Request, slug: str) -> HttpResponseBase:
        """Return one row a flag: rater, picture, what stood there, reason, text, times."""
        return self.table(request, slug, "flags", FLAG_COLUMNS, flag_rows)


class CommentsView(VoiceTable):
    """The comments that raters wrote at the end."""

    @extend_schema(operation_id="comments", parameters=[TABLE_FORMAT], responses=answers(TABLES))
    def get(self, request: Request, slug: str) -> HttpResponseBase:
        """Return one row a comment: rater, language, text, time."""
        return self.table(request, slug, "comments", COMMENT_COLUMNS, comment_rows)
