"""The panel: its sheet, for organizers; votes, by its members; awards, by organizers."""

from typing import Any

from django.http import HttpResponseBase
from django.shortcuts import get_object_or_404
from drf_spectacular.utils import extend_schema
from rest_framework import serializers
from rest_framework.request import Request
from rest_framework.response import Response

from ratings.api.parts.authentication import organizer_name, require_organizer
from ratings.api.parts.json_views import StrictSerializer, TextField
from ratings.api.parts.organizer_views import OrganizerView
from ratings.api.parts.table_views import TABLE_FORMAT, TABLES, TableView, answers, as_file
from ratings.challenge.access.permissions import Permission
from ratings.challenge.models import Phase
from ratings.ranking.tables.panel_sheet import (
    LONGEST_TEXT,
    LONGEST_TITLE,
    award,
    award_row,
    sheet,
    sheet_csv,
    sheet_document,
    vote,
    vote_rows,
    withdraw_award,
)


class VoteSerializer(StrictSerializer):
    """A member's vote for the overall winner."""

    submission_id = serializers.UUIDField()
    remarks = TextField(max_length=LONGEST_TEXT, required=False, default="", allow_blank=True)


class NewAwardSerializer(StrictSerializer):
    """What the panel decided, with its reasons."""

    submission_id = serializers.UUIDField()
    title = TextField(max_length=LONGEST_TITLE)
    statement = TextField(max_length=LONGEST_TEXT)


class RecordedVoteSerializer(serializers.Serializer[Any]):
    """A vote on record; of each member the newest counts."""

    member = serializers.CharField()
    submission_id = serializers.UUIDField()
    method = serializers.CharField()
    team = serializers.CharField()
    remarks = serializers.CharField()
    at = serializers.DateTimeField()
    counts = serializers.BooleanField()


class RecordedVotesSerializer(serializers.Serializer[Any]):
    """All votes of a phase."""

    results = RecordedVoteSerializer(many=True)


class AwardSerializer(serializers.Serializer[Any]):
    """An award on record; a withdrawn one says who took it back, and when."""

    id = serializers.IntegerField()
    title = serializers.CharField()
    submission_id = serializers.UUIDField()
    method = serializers.CharField()
    team = serializers.CharField()
    statement = serializers.CharField()
    by = serializers.CharField()
    at = serializers.DateTimeField()
    withdrawn_by = serializers.CharField()
    withdrawn_at = serializers.DateTimeField(allow_null=True)


class PanelView(TableView):
    """What lies before the panel, its votes and its awards; never public."""

    public = False
    reads = Permission.READ_PANEL

    @extend_schema(operation_id="panel", parameters=[TABLE_FORMAT], responses=answers(TABLES))
    def get(self, request: Request, slug: str, phase: str) -> HttpResponseBase:
        """Return one row an entry; JSON also has every vote and award, with who and when."""
        require_organizer(request, "The panel's sheet is for organizers: send a bearer token.")
        made = sheet(_phase(slug, phase), self.received_at)
        if self.format_of(request, TABLES) == "csv":
            return as_file(request, sheet_csv(made), f"{slug}-{phase}-panel", "csv")
        return Response({"challenge": slug, "phase": phase} | sheet_document(made))


class PanelVotes(OrganizerView):
    """The panel's votes, read by whoever may read its sheet, made by its members."""

    reads, changes = Permission.READ_PANEL, Permission.VOTE

    @extend_schema(operation_id="list_votes", responses=RecordedVotesSerializer)
    def get(self, request: Request, slug: str, phase: str) -> Response:
        """List every vote in the order of time, with which of them count."""
        votes = _phase(slug, phase).panel_votes.select_related("submission__team")
        return Response({"results": vote_rows(list(votes))})

    @extend_schema(
        operation_id="vote", request=VoteSerializer, responses={201: RecordedVoteSerializer}
    )
    def post(self, request: Request, slug: str, phase: str) -> Response:
        """Vote for the overall winner, as who asks; it takes the place of an earlier vote."""
        found, body = _phase(slug, phase), VoteSerializer(data=request.data)
        body.is_valid(raise_exception=True)
        chosen, remarks = str(body.validated_data["submission_id"]), body.validated_data["remarks"]
        made = vote(found, chosen, organizer_name(request), remarks, self.received_at)
        return Response(vote_rows([made])[0], status=201)


class PanelAwards(OrganizerView):
    """Where organizers keep what the panel decided; the panel's sheet lists all awards."""

    http_method_names = ["post", "options"]

    @extend_schema(
        operation_id="award", request=NewAwardSerializer, responses={201: AwardSerializer}
    )
    def post(self, request: Request, slug: str, phase: str) -> Response:
        """Give an award, with the panel's reasons; public with the boards."""
        found, body = _phase(slug, phase), NewAwardSerializer(data=request.data)
        body.is_valid(raise_exception=True)
        fields = body.validated_data
        made = award(
            found,
            str(fields["submission_id"]),
            fields["title"],
            fields["statement"],
            organizer_name(request),
            self.received_at,
        )
        return Response(AwardSerializer(award_row(made)).data, status=201)


class PanelAward(OrganizerView):
    """One award."""

    @extend_schema(operation_id="withdraw_award", responses={204: None})
    def delete(self, request: Request, slug: str, phase: str, award_id: int) -> Response:
        """Take an award back; it stays on record."""
        withdraw_award(award_id, _phase(slug, phase), organizer_name(request), self.received_at)
        return Response(status=204)


def _phase(slug: str, phase: str) -> Phase:
    return get_object_or_404(Phase, challenge__slug=slug, slug=phase)
