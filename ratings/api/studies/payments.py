"""Whom to pay for their judgments, for organizers."""

from django.http import HttpResponseBase
from django.shortcuts import get_object_or_404
from drf_spectacular.utils import extend_schema
from rest_framework.request import Request
from rest_framework.response import Response

from ratings.api.parts.authentication import require_organizer
from ratings.api.parts.table_views import TABLE_FORMAT, TABLES, TableView, answers, as_file
from ratings.comparisons.models import Study
from ratings.comparisons.raters.paying import PAYMENT_COLUMNS, payment_rows
from ratings.ranking.tables.export import to_csv


class PaymentsView(TableView):
    """People with their platform's names and their codes; never public, never kept."""

    public = False

    @extend_schema(operation_id="payments", parameters=[TABLE_FORMAT], responses=answers(TABLES))
    def get(self, request: Request, slug: str) -> HttpResponseBase:
        """Return one row a person: platform and participant, code, state, judgments, times."""
        require_organizer(request, "Payments are for organizers: send a bearer token.")
        study = get_object_or_404(Study, slug=slug)
        rows = payment_rows(study)
        if self.format_of(request, TABLES) == "csv":
            text = "".join(to_csv(PAYMENT_COLUMNS, rows))
            return as_file(request, text, f"{slug}-payments", "csv")
        return Response({"study": slug, "results": list(rows)})
