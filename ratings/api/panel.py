"""The panel's sheet, for organizers."""

from django.http import HttpResponseBase
from django.shortcuts import get_object_or_404
from drf_spectacular.utils import extend_schema
from rest_framework.request import Request
from rest_framework.response import Response

from ratings.api.authentication import require_organizer
from ratings.api.table_views import TABLE_FORMAT, TABLES, TableView, answers, as_file
from ratings.challenge.models import Phase
from ratings.challenge.permissions import Permission
from ratings.ranking.panel_sheet import sheet, sheet_csv, sheet_document


class PanelView(TableView):
    """What lies before the panel, its votes and its awards; never public."""

    public = False
    reads = Permission.READ_PANEL

    @extend_schema(operation_id="panel", parameters=[TABLE_FORMAT], responses=answers(TABLES))
    def get(self, request: Request, slug: str, phase: str) -> HttpResponseBase:
        """Return one row an entry; JSON also has every vote and award, with who and when."""
        require_organizer(request, "The panel's sheet is for organizers: send a bearer token.")
        phase_row = get_object_or_404(Phase, challenge__slug=slug, slug=phase)
        made = sheet(phase_row, self.received_at)
        if self.format_of(request, TABLES) == "csv":
            return as_file(request, sheet_csv(made), f"{slug}-{phase}-panel", "csv")
        return Response({"challenge": slug, "phase": phase} | sheet_document(made))
