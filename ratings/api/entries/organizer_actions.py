"""What is done about a submission by hand: by organizers with a note on record; teams withdraw."""

from collections.abc import Callable
from typing import ClassVar
from uuid import UUID

from drf_spectacular.utils import extend_schema, extend_schema_view
from rest_framework.request import Request
from rest_framework.response import Response

from ratings.api.entries.submission_shapes import SubmissionSerializer
from ratings.api.entries.submissions import SubmissionView
from ratings.api.parts.authentication import OrganizerAuthentication
from ratings.api.parts.json_views import StrictSerializer, TextField
from ratings.jobs import submission_actions
from ratings.submissions.rulings.overrides import admit_late


class NoteSerializer(StrictSerializer):
    """Why an organizer does it; goes on record."""

    note = TextField(max_length=500)


class ActView(SubmissionView):
    """Where something is done to a submission, by organizers if a view does not say otherwise.

    `act` does it, given the submission's key, the instant, `note` and `by`.
    """

    authentication_classes = [OrganizerAuthentication]
    http_method_names = ["post", "options"]
    serializer_class: type[StrictSerializer] = NoteSerializer
    act: ClassVar[Callable[..., object]]

    @extend_schema(responses=SubmissionSerializer)
    def post(self, request: Request, submission_id: UUID) -> Response:
        """Do it, and show the submission as it is then."""
        submission, by = self.asked_for(request, submission_id)
        body = self.serializer_class(data=request.data)
        body.is_valid(raise_exception=True)
        signed = {"note": body.validated_data["note"], "by": by}
        self.act(submission.pk, self.received_at, **signed)
        submission.refresh_from_db()
        return self.shown(request, submission)


def acting(operation_id: str, description: str) -> Callable[[type[ActView]], type[ActView]]:
    """Name an act in the schema, and say there what it does."""
    told = extend_schema(operation_id=operation_id, description=description)
    return extend_schema_view(post=told)


@acting(
    "admit_late",
    "Let an open submission be filled and closed though its phase is over; on record.",
)
class LateView(ActView):
    """Where organizers take in what was begun and not closed in time."""

    act = staticmethod(admit_late)


@acting(
    "stop_decoder",
    "Stop the decoder that runs or waits; the submission fails, by no fault of its team.",
)
class StopView(ActView):
    """Where organizers stop a decoder."""

    act = staticmethod(submission_actions.stop)


@acting(
    "run_decoder_again",
    "Try a failed submission again; of a scored one, tell whether its pictures come again.",
)
class RunAgainView(ActView):
    """Where organizers let a decoder run again."""

    act = staticmethod(submission_actions.run_again)


class WithdrawSerializer(StrictSerializer):
    """Why it is withdrawn: for the record, and read by organizers alone."""

    note = TextField(
        max_length=500,
        required=False,
        default="",
        allow_blank=True,
        help_text="By organizers it must be said.",
    )


@acting("withdraw", "Withdraw what is queued or scored; boards name it so. Again changes nothing.")
class WithdrawView(ActView):
    """Where a team takes its submission out of the competition."""

    authentication_classes = SubmissionView.authentication_classes
    serializer_class = WithdrawSerializer
    act = staticmethod(submission_actions.withdraw)


@acting(
    "disqualify", "Disqualify what is queued or scored; the note is the reason that boards give."
)
class DisqualifyView(ActView):
    """Where organizers take a submission out of the competition."""

    act = staticmethod(submission_actions.disqualify)


@acting("readmit", "Take in again what was withdrawn or disqualified, as if it had never been out.")
class ReadmitView(ActView):
    """Where organizers take a submission in again."""

    act = staticmethod(submission_actions.readmit)
