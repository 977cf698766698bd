"""Submission, DecodedImage, Bitstream and Decoder."""

import uuid

from django.db import models

from ratings.challenge.models import Original, Phase, Team


class Submission(models.Model):
    """What one team sends for one phase: open while files arrive, then queued, scored or failed."""

    class State(models.TextChoices):
        OPEN = "open", "open: files are being sent"
        QUEUED = "queued", "queued: waiting to be scored"
        SCORED = "scored", "scored"
        FAILED = "failed", "failed"

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    phase = models.ForeignKey(Phase, models.PROTECT, related_name="submissions")
    team = models.ForeignKey(Team, models.PROTECT, related_name="submissions")
    method = models.CharField(max_length=100)
    state = models.CharField(max_length=10, choices=State, default=State.OPEN)
    problems = models.JSONField(default=list)
    created_at = models.DateTimeField()
    submitted_at = models.DateTimeField(null=True)
    finished_at = models.DateTimeField(null=True)

    class Meta:
        indexes = [models.Index(fields=["phase", "state"], name="submission_phase_state")]

    def __str__(self) -> str:
        return f"{self.method} by {self.team}"


class DecodedImage(models.Model):
    """The decoded version of one original, as the PNG that was sent."""

    submission = models.ForeignKey(Submission, models.CASCADE, related_name="decoded_images")
    original = models.ForeignKey(Original, models.PROTECT, related_name="decoded_images")
    size_bytes = models.PositiveBigIntegerField()
    sha256 = models.CharField(max_length=64)

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["submission", "original"], name="decoded_image_unique")
        ]


class Bitstream(models.Model):
    """The compressed file of one original; its size counts towards the byte budget."""

    submission = models.ForeignKey(Submission, models.CASCADE, related_name="bitstreams")
    original = models.ForeignKey(Original, models.PROTECT, related_name="bitstreams")
    name = models.CharField(max_length=200)
    size_bytes = models.PositiveBigIntegerField()
    sha256 = models.CharField(max_length=64)

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["submission", "original"], name="bitstream_unique")
        ]


class Decoder(models.Model):
    """The program, or the zip holding it, that turns the bitstreams into the decoded images."""

    submission = models.OneToOneField(Submission, models.CASCADE, related_name="decoder")
    size_bytes = models.PositiveBigIntegerField()
    sha256 = models.CharField(max_length=64)
