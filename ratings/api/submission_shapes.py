"""Submissions as the API shows them."""

import math
from typing import Any

from rest_framework import serializers

from ratings.fidelity.models import Distortion
from ratings.fidelity.scores import Scores
from ratings.submissions import closing
from ratings.submissions.models import Run, Submission


class FileCountSerializer(serializers.Serializer[Any]):
    """How many files arrived, of how many."""

    received = serializers.IntegerField()
    expected = serializers.IntegerField()


class SubmissionProgressSerializer(serializers.Serializer[Any]):
    """How far a submission is; `scored` counts pictures whose distortion is known."""

    decoded = FileCountSerializer()
    bitstreams = FileCountSerializer()
    scored = FileCountSerializer()


class BudgetSerializer(serializers.Serializer[Any]):
    """Bytes of all bitstreams against the phase's byte budget."""

    used_bytes = serializers.IntegerField()
    limit_bytes = serializers.IntegerField(allow_null=True)


class ScoresSerializer(serializers.Serializer[Any]):
    """Figures over all pictures together; an infinite PSNR is the text "inf"."""

    psnr_db = serializers.SerializerMethodField()
    mse = serializers.FloatField()
    bpp = serializers.FloatField(allow_null=True)

    def get_psnr_db(self, found: Scores) -> float | str:
        """Return PSNR in dB; JSON has no infinity."""
        return "inf" if math.isinf(found.psnr_db) else found.psnr_db


class RunSerializer(serializers.Serializer[Any]):
    """The latest run of the submission's decoder; figures are null until it has ended."""

    state = serializers.ChoiceField(Run.State.choices)
    compares = serializers.BooleanField(help_text="It only tells whether the pictures come again.")
    reproduced = serializers.BooleanField(allow_null=True)
    attempt = serializers.IntegerField()
    verdict = serializers.CharField()
    queued_at = serializers.DateTimeField()
    started_at = serializers.DateTimeField(allow_null=True)
    finished_at = serializers.DateTimeField(allow_null=True)
    limits = serializers.DictField(child=serializers.FloatField())
    limit_met = serializers.CharField()
    wall_seconds = serializers.FloatField(allow_null=True)
    cpu_seconds = serializers.FloatField(allow_null=True)
    peak_memory_bytes = serializers.IntegerField(allow_null=True)
    exit_code = serializers.IntegerField(allow_null=True)
    signal = serializers.CharField()
    outputs = serializers.DictField(child=serializers.CharField(), help_text="SHA-256 by path.")
    environment = serializers.DictField(child=serializers.CharField())
    processor = serializers.CharField()


class SubmissionSerializer(serializers.Serializer[Any]):
    """A submission as its team and organizers see it."""

    id = serializers.UUIDField()
    challenge = serializers.CharField()
    phase = serializers.CharField()
    team = serializers.CharField()
    kind = serializers.CharField()
    method = serializers.CharField()
    state = serializers.ChoiceField(Submission.State.choices)
    created_at = serializers.DateTimeField()
    submitted_at = serializers.DateTimeField(allow_null=True)
    finished_at = serializers.DateTimeField(allow_null=True)
    late_note = serializers.CharField(help_text="Why it was taken in after the deadline, or empty.")
    queue_position = serializers.IntegerField(
        allow_null=True, help_text="1 for the next to be scored; null unless it waits."
    )
    progress = SubmissionProgressSerializer()
    missing = serializers.ListField(
        child=serializers.CharField(), help_text="Addresses, below this one, of files to be sent."
    )
    problems = serializers.ListField(
        child=serializers.CharField(), help_text="Everything that stands against it, a line each."
    )
    budget = BudgetSerializer()
    run = RunSerializer(allow_null=True, help_text="Null where no decoder runs here.")
    log = serializers.CharField(help_text="What the decoder printed, while it runs and after.")
    fault = serializers.CharField(
        help_text="What went wrong at the server; for organizers, empty for all others."
    )
    scores = ScoresSerializer(
        allow_null=True, help_text="Null until it is scored and its team may see its scores."
    )


class ListedSubmissionSerializer(SubmissionSerializer):
    """A submission in a list: its run and log, which may be long, are at its own address."""

    run = None  # type: ignore[assignment]
    log = None  # type: ignore[assignment]
    fault = None  # type: ignore[assignment]


class SubmissionsSerializer(serializers.Serializer[Any]):
    """A page of submissions."""

    next = serializers.URLField(allow_null=True)
    previous = serializers.URLField(allow_null=True)
    results = ListedSubmissionSerializer(many=True)


class FileSerializer(serializers.Serializer[Any]):
    """One file of a submission."""

    path = serializers.CharField(help_text="Its address below the submission.")
    bytes = serializers.IntegerField(source="size_bytes")
    sha256 = serializers.CharField()


class ReceiptSerializer(serializers.Serializer[Any]):
    """What became of one file."""

    path = serializers.CharField()
    bytes = serializers.IntegerField(source="size_bytes")
    sha256 = serializers.CharField()
    outcome = serializers.ChoiceField(["created", "replaced", "unchanged"])


class ArchiveSerializer(serializers.Serializer[Any]):
    """What became of the files of one zip."""

    files = ReceiptSerializer(many=True)
    missing = serializers.ListField(child=serializers.CharField())


def shown_submission(
    submission: Submission, found: Scores | None, *, to_organizer: bool
) -> dict[str, Any]:
    """Return a submission with its latest run."""
    run = submission.runs.first()
    shown = _facts(submission, found) | {
        "run": run,
        "log": run.log if run else "",
        "fault": run.fault if run and to_organizer else "",
    }
    return dict(SubmissionSerializer(shown).data)


def listed_submission(submission: Submission, found: Scores | None) -> dict[str, Any]:
    """Return a submission without what may be long."""
    return dict(ListedSubmissionSerializer(_facts(submission, found)).data)


def _facts(submission: Submission, found: Scores | None) -> dict[str, Any]:
    progress = closing.progress(submission)
    scored = Distortion.objects.filter(decoded_image__submission=submission).count()
    is_open = submission.state == Submission.State.OPEN
    asked = progress.decodes or progress.byte_budget is not None
    bitstreams = progress.pictures if asked else 0
    return {
        "id": submission.pk,
        "challenge": submission.phase.challenge.slug,
        "phase": submission.phase.slug,
        "team": submission.team.name,
        "kind": submission.team.kind,
        "method": submission.method,
        "state": submission.state,
        "created_at": submission.created_at,
        "submitted_at": submission.submitted_at,
        "finished_at": submission.finished_at,
        "late_note": submission.late_note,
        "queue_position": closing.queue_position(submission),
        "progress": {
            "decoded": {"received": progress.decoded, "expected": progress.pictures},
            "bitstreams": {"received": progress.bitstreams, "expected": bitstreams},
            "scored": {"received": scored, "expected": progress.pictures},
        },
        "missing": progress.missing,
        "problems": progress.problems if is_open else submission.problems,
        "budget": {"used_bytes": progress.size_bytes, "limit_bytes": progress.byte_budget},
        "scores": found,
    }
