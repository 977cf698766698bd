"""The audit log of the site, for whoever may read the challenges that it is about."""

from typing import Any

from django.http import HttpResponseBase
from drf_spectacular.utils import extend_schema
from rest_framework import serializers
from rest_framework.request import Request

from ratings.api.parts.authentication import require_organizer
from ratings.api.parts.json_views import Pages, StrictSerializer, TextField, page_of
from ratings.api.parts.table_views import MEDIA_TYPES, TABLES, TableView, as_stream
from ratings.challenge.access.audit_log import AUDIT_COLUMNS, AuditQuery, audit_row, audit_rows
from ratings.challenge.access.permissions import Permission, within
from ratings.challenge.models import AuditEntry
from ratings.ranking.tables.export import to_csv


class AskedEntriesSerializer(StrictSerializer):
    """Which entries are asked for; what is left out or empty asks for all."""

    person = TextField(
        max_length=150,
        default="",
        allow_blank=True,
        help_text="Who did it, or the account that it was done to.",
    )
    kind = serializers.ChoiceField(AuditEntry.Kind.choices, default="", allow_blank=True)
    challenge = TextField(max_length=50, default="", allow_blank=True, help_text="Its slug.")
    since = serializers.DateField(default=None, help_text="The first day, in UTC.")
    until = serializers.DateField(default=None, help_text="The last day, in UTC.")
    format = serializers.ChoiceField(TABLES, required=False, help_text="Default: Accept's.")
    cursor = TextField(max_length=200, required=False, help_text="Of the page, as `next` has it.")


class AuditEntrySerializer(serializers.Serializer[Any]):
    """Who did what, when, and about whom; `did` says in words what `kind` is."""

    at = serializers.DateTimeField()
    by = serializers.CharField()
    kind = serializers.ChoiceField(AuditEntry.Kind.choices)
    did = serializers.CharField()
    challenge = serializers.CharField(help_text="Its slug; empty where it is about the site.")
    team = serializers.CharField()
    subject = serializers.CharField(help_text="The account, or what else it was about.")
    note = serializers.CharField()

    def to_representation(self, entry: AuditEntry) -> dict[str, Any]:
        """Return the entry as a row of the CSV has it."""
        return audit_row(entry)


class AuditView(TableView):
    """What was done by hand; never public."""

    public = False
    anywhere = True

    @extend_schema(
        operation_id="audit",
        parameters=[AskedEntriesSerializer],
        responses={
            (200, MEDIA_TYPES["json"]): page_of(AuditEntrySerializer),
            (200, MEDIA_TYPES["csv"]): str,
        },
    )
    def get(self, request: Request) -> HttpResponseBase:
        """List the entries, the newest first: pages of JSON, or all of them as CSV."""
        require_organizer(request, "The audit log is for organizers: send a bearer token.")
        asked = AskedEntriesSerializer(
            data={key: value for key, value in request.query_params.items() if value}
        )
        asked.is_valid(raise_exception=True)
        wanted = ("person", "kind", "challenge", "since", "until")
        query = AuditQuery(**{key: asked.validated_data[key] for key in wanted})
        entries = query.entries().filter(within(request.user, Permission.READ, "challenge__"))
        if self.format_of(request, TABLES) == "csv":
            return as_stream(to_csv(AUDIT_COLUMNS, audit_rows(entries)), "audit", "csv")
        pages = Pages()
        pages.ordering = ("-at", "-id")  # type: ignore[assignment]
        rows = pages.paginate_queryset(entries, request, self)
        return pages.get_paginated_response(AuditEntrySerializer(rows, many=True).data)
