"""Submissions as the API shows them."""

import math
from collections.abc import Mapping, Sequence
from typing import Any
from uuid import UUID

from django.db.models import Count
from rest_framework import serializers

from ratings.challenge.teams.team_logins import told_to_team
from ratings.fidelity.models import Distortion
from ratings.fidelity.scores import Scores
from ratings.imaging.likeness import Outcome
from ratings.sandbox.worlds import USUAL
from ratings.submissions.intake import closing
from ratings.submissions.models import Run, Submission
from ratings.submissions.retention.stored_bytes import most_open_bytes, open_bytes
from ratings.submissions.runs.elsewhere import run_elsewhere


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


class HeldOpenSerializer(serializers.Serializer[Any]):
    """Bytes of all open submissions of the team to the phase, of the most they may have."""

    used_bytes = serializers.IntegerField()
    limit_bytes = serializers.IntegerField()


class ScoresSerializer(serializers.Serializer[Any]):
    """Figures over all pictures together; an infinite PSNR is the text "inf"."""

    psnr_db = serializers.SerializerMethodField()
    mse = serializers.FloatField()
    bpp = serializers.FloatField(allow_null=True)

    def get_psnr_db(self, scores: Scores) -> float | str:
        """Return PSNR in dB; JSON has no infinity."""
        return "inf" if math.isinf(scores.psnr_db) else scores.psnr_db


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
    source = serializers.CharField(  # type: ignore[assignment]
        help_text="Of the environment where it runs: a packaged one's name, or an image."
    )
    gpu = serializers.BooleanField(help_text="Whether it asks for a GPU.")
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


class ToldElsewhereSerializer(serializers.Serializer[Any]):
    """What became of a picture that was made again in another arithmetic."""

    picture = serializers.CharField()
    outcome = serializers.ChoiceField([outcome.value for outcome in Outcome])
    why = serializers.CharField(help_text="What is wrong with a broken one; else empty.")
    levels = serializers.IntegerField(
        allow_null=True, help_text="The most by which a sample differs; null without a picture."
    )


class ElsewhereSerializer(serializers.Serializer[Any]):
    """The decoder's second run, in another arithmetic, on a share of the pictures."""

    state = serializers.ChoiceField(Run.State.choices)
    world = serializers.CharField()
    processor = serializers.CharField()
    verdict = serializers.CharField()
    pictures = ToldElsewhereSerializer(source="told", many=True, allow_null=True)


class SubmissionSerializer(serializers.Serializer[Any]):
    """A submission as its team and organizers see it."""

    id = serializers.UUIDField()
    challenge = serializers.CharField()
    phase = serializers.CharField()
    team = serializers.CharField()
    kind = serializers.CharField()
    method = serializers.CharField()
    environment = serializers.CharField(help_text="Of its phase, by its slug: where it runs.")
    state = serializers.ChoiceField(Submission.State.choices)
    out = serializers.CharField(
        help_text="Why it is out of the competition: withdrawn, disqualified; empty while it is in."
    )
    out_reason = serializers.CharField(help_text="The public reason of a disqualification.")
    begun_by = serializers.CharField(help_text="Who began it: a member, the team, an organizer.")
    submitted_by = serializers.CharField(help_text="Who closed it; empty while it is open.")
    created_at = serializers.DateTimeField()
    submitted_at = serializers.DateTimeField(allow_null=True)
    finished_at = serializers.DateTimeField(allow_null=True)
    freed_at = serializers.DateTimeField(
        allow_null=True, help_text="When its files were deleted; null while they are kept."
    )
    late_note = serializers.CharField(help_text="Why it was taken in after the deadline, or empty.")
    stated_bytes = serializers.IntegerField(
        allow_null=True, help_text="What an organizer states in place of bitstreams; else null."
    )
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
    held_open = HeldOpenSerializer()
    run = RunSerializer(allow_null=True, help_text="Null where no decoder runs here.")
    elsewhere = ElsewhereSerializer(
        allow_null=True, help_text="Null until it is scored, or where the phase doesn't try it."
    )
    notes = serializers.ListField(
        child=serializers.CharField(), help_text="What is mended in its decoder, a line each."
    )
    log = serializers.CharField(help_text="What the decoder printed, while it runs and after.")
    fault = serializers.CharField(
        help_text="What went wrong at the server; for organizers, empty for all others."
    )
    scores = ScoresSerializer(
        allow_null=True, help_text="Null until it is scored and its team may see its scores."
    )


class ListedSubmissionSerializer(SubmissionSerializer):
    """A submission in a list: its run and log, which may be long, are at its own address."""

    held_open = None  # type: ignore[assignment]
    run = None  # type: ignore[assignment]
    elsewhere = None  # type: ignore[assignment]
    log = None  # type: ignore[assignment]
    fault = None  # type: ignore[assignment]


class FileSerializer(serializers.Serializer[Any]):
    """One file of a submission."""

    path = serializers.CharField(help_text="Its address below the submission.")
    bytes = serializers.IntegerField(source="size_bytes")
    sha256 = serializers.CharField()


class FilesSerializer(serializers.Serializer[Any]):
    """All files of a submission."""

    results = FileSerializer(many=True)


class ReceiptSerializer(serializers.Serializer[Any]):
    """What became of one file."""

    path = serializers.CharField()
    bytes = serializers.IntegerField(source="size_bytes")
    sha256 = serializers.CharField()
    outcome = serializers.ChoiceField(["created", "replaced", "unchanged"])
    notes = serializers.ListField(
        child=serializers.CharField(), help_text="What will be mended in a decoder, a line each."
    )


class ArchiveSerializer(serializers.Serializer[Any]):
    """What became of the files of one zip."""

    files = ReceiptSerializer(many=True)
    missing = serializers.ListField(child=serializers.CharField())


def shown_submission(
    submission: Submission, scores: Scores | None, *, to_organizer: bool
) -> dict[str, Any]:
    """Return a submission with its latest run."""
    run = submission.runs.filter(world=USUAL.slug).first()
    phase, team = submission.phase, submission.team
    (facts,) = _facts([submission])
    shown = facts | {
        "scores": scores,
        "held_open": {
            "used_bytes": open_bytes(phase, team),
            "limit_bytes": most_open_bytes(phase),
        },
        "run": run,
        "elsewhere": run_elsewhere(submission),
        "log": run.log if run else "",
        "fault": run.fault if run and to_organizer else "",
    }
    return dict(SubmissionSerializer(shown).data)


def listed_submissions(
    submissions: Sequence[Submission], scores: Mapping[UUID, Scores]
) -> list[dict[str, Any]]:
    """Return submissions without what may be long; `found` holds the scores that are shown."""
    return [
        dict(ListedSubmissionSerializer(facts | {"scores": scores.get(facts["id"])}).data)
        for facts in _facts(submissions)
    ]


def _facts(submissions: Sequence[Submission]) -> list[dict[str, Any]]:
    """Return what each submission and its files tell, in the same queries for any number."""
    progress = closing.progress_of_submissions(submissions)
    places = closing.queue_positions(submissions)
    distortions = Distortion.objects.filter(decoded_image__submission__in=submissions)
    scored = dict(distortions.values_list("decoded_image__submission").annotate(Count("pk")))
    return [
        _facts_of(submission, progress[submission.pk], scored.get(submission.pk, 0))
        | {"queue_position": places.get(submission.pk)}
        for submission in submissions
    ]


def _facts_of(submission: Submission, progress: closing.Progress, scored: int) -> dict[str, Any]:
    is_open = submission.state == Submission.State.OPEN
    bitstreams = progress.pictures if progress.asks_bitstreams else 0
    return {
        "id": submission.pk,
        "challenge": submission.phase.challenge.slug,
        "phase": submission.phase.slug,
        "team": submission.team.name,
        "kind": submission.team.kind,
        "method": submission.method,
        "environment": submission.environment,
        "state": submission.state,
        "out": submission.exclusion,
        "out_reason": submission.exclusion_reason,
        "begun_by": told_to_team(submission.begun_by),
        "submitted_by": told_to_team(submission.submitted_by),
        "created_at": submission.created_at,
        "submitted_at": submission.submitted_at,
        "finished_at": submission.finished_at,
        "freed_at": submission.freed_at,
        "late_note": submission.late_note,
        "stated_bytes": submission.stated_bytes,
        "notes": submission.decoder.notes if hasattr(submission, "decoder") else [],
        "progress": {
            "decoded": {"received": progress.decoded, "expected": progress.pictures},
            "bitstreams": {"received": progress.bitstreams, "expected": bitstreams},
            "scored": {"received": scored, "expected": progress.pictures},
        },
        "missing": progress.missing if is_open else [],
        "problems": progress.problems if is_open else submission.problems,
        "budget": {"used_bytes": progress.size_bytes, "limit_bytes": progress.byte_budget},
    }
