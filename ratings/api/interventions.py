"""What organizers do to a submission by hand, each with a note on record."""

from uuid import UUID

from drf_spectacular.utils import extend_schema
from rest_framework.request import Request
from rest_framework.response import Response

from ratings.api.authentication import OrganizerAuthentication, organizer_name
from ratings.api.base import StrictSerializer, TextField
from ratings.api.submission_shapes import SubmissionSerializer
from ratings.api.submissions import SubmissionView
from ratings.jobs.tasks import run_again
from ratings.submissions import running
from ratings.submissions.exceptions import admit_late


class NoteSerializer(StrictSerializer):
    """Why an organizer does it; goes on record."""

    note = TextField(max_length=500)


class LateView(SubmissionView):
    """Where organizers take in what was begun and not closed in time."""

    authentication_classes = [OrganizerAuthentication]
    http_method_names = ["post", "options"]

    @extend_schema(
        operation_id="admit_late", request=NoteSerializer, responses=SubmissionSerializer
    )
    def post(self, request: Request, submission_id: UUID) -> Response:
        """Let an open submission be filled and closed though its phase is over; on record."""
        submission = self.own(request, submission_id)
        admit_late(submission.pk, self.received_at, **signed_note(request))
        submission.refresh_from_db()
        return self.shown(request, submission)


class StopView(SubmissionView):
    """Where organizers stop a decoder."""

    authentication_classes = [OrganizerAuthentication]
    http_method_names = ["post", "options"]

    @extend_schema(
        operation_id="stop_decoder", request=NoteSerializer, responses=SubmissionSerializer
    )
    def post(self, request: Request, submission_id: UUID) -> Response:
        """Stop the decoder that runs or waits; the submission fails, by no fault of its team."""
        submission = self.own(request, submission_id)
        running.stop(submission.pk, self.received_at, **signed_note(request))
        submission.refresh_from_db()
        return self.shown(request, submission)


class RunAgainView(SubmissionView):
    """Where organizers let a decoder run again."""

    authentication_classes = [OrganizerAuthentication]
    http_method_names = ["post", "options"]

    @extend_schema(
        operation_id="run_decoder_again", request=NoteSerializer, responses=SubmissionSerializer
    )
    def post(self, request: Request, submission_id: UUID) -> Response:
        """Try a failed submission again; of a scored one, tell whether its pictures come again."""
        submission = self.own(request, submission_id)
        run_again(submission.pk, self.received_at, **signed_note(request))
        submission.refresh_from_db()
        return self.shown(request, submission)


def signed_note(request: Request) -> dict[str, str]:
    """Return the request's note, and by whom it is."""
    body = NoteSerializer(data=request.data)
    body.is_valid(raise_exception=True)
    return {"note": body.validated_data["note"], "by": organizer_name(request)}
