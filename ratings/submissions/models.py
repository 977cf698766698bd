"""Submission and its files, the runs of its decoder, baselines that were asked for, factsheets."""

import uuid

from django.db import models

from ratings.challenge.models import AuditEntry, Original, Phase, Team
from ratings.sandbox import worlds
from ratings.sandbox.environments.recipes import USUAL
from ratings.storage.references import FileRef


class Submission(models.Model):
    """What one team sends for one phase: open while files arrive, then queued, scored or failed.

    A newer submission of the team takes the place of one that is still queued.
    """

    class State(models.TextChoices):
        OPEN = "open", "open: files are being sent"
        QUEUED = "queued", "queued: waiting to be scored"
        SCORED = "scored", "scored"
        FAILED = "failed", "failed"
        SUPERSEDED = "superseded", "superseded by a newer one while it waited"

    class Exclusion(models.TextChoices):
        WITHDRAWN = "withdrawn", "withdrawn by its team"
        DISQUALIFIED = "disqualified", "disqualified"

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    phase = models.ForeignKey(Phase, models.PROTECT, related_name="submissions")
    team = models.ForeignKey(Team, models.PROTECT, related_name="submissions")
    method = models.CharField(max_length=100)
    # Of the phase's environments, by its slug, where its decoder runs.
    environment = models.CharField(max_length=50, default=USUAL, db_default=USUAL)
    state = models.CharField(max_length=10, choices=State, default=State.OPEN)
    problems = models.JSONField(default=list)
    # What fails by the server's fault takes nothing from the team's quota.
    failed_by_server = models.BooleanField(default=False)
    # Neither do the first few of a day whose decoder never started: nothing was learned.
    never_ran = models.BooleanField(default=False)
    # Why an organizer takes it in after the deadline; empty where it has to be in time.
    late_note = models.CharField(max_length=500, blank=True)
    # Bytes of all bitstreams, where an organizer states them in place of sending any.
    stated_bytes = models.PositiveBigIntegerField(null=True)
    # Why it is excluded from the competition, whatever its state; empty while it takes part.
    exclusion = models.CharField(max_length=12, choices=Exclusion, blank=True)
    # The public reason of a disqualification.
    exclusion_reason = models.CharField(max_length=500, blank=True)
    # Who began and who closed it, as acts are signed; never public, empty where nobody knows.
    begun_by = models.CharField(max_length=150, blank=True)
    submitted_by = models.CharField(max_length=150, blank=True)
    created_at = models.DateTimeField()
    submitted_at = models.DateTimeField(null=True)
    finished_at = models.DateTimeField(null=True)
    # When the files of one that failed or was superseded were deleted; see `freeing`.
    freed_at = models.DateTimeField(null=True)

    class Meta:
        indexes = [models.Index(fields=["phase", "state"], name="submission_phase_state")]

    def __str__(self) -> str:
        return f"{self.method} by {self.team}"


class DecodedImage(models.Model):
    """The decoded version of one original, as the PNG that was sent."""

    submission = models.ForeignKey(Submission, models.CASCADE, related_name="decoded_images")
    original = models.ForeignKey(Original, models.PROTECT, related_name="decoded_images")
    size_bytes = models.PositiveBigIntegerField()
    sha256 = FileRef()

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["submission", "original"], name="decoded_image_unique")
        ]
        indexes = [models.Index(fields=["sha256"], name="decoded_image_file")]


class Bitstream(models.Model):
    """The compressed file of one original; its size counts towards the byte budget."""

    submission = models.ForeignKey(Submission, models.CASCADE, related_name="bitstreams")
    original = models.ForeignKey(Original, models.PROTECT, related_name="bitstreams")
    name = models.CharField(max_length=200)
    size_bytes = models.PositiveBigIntegerField()
    sha256 = FileRef()

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["submission", "original"], name="bitstream_unique")
        ]
        indexes = [models.Index(fields=["sha256"], name="bitstream_file")]


class Decoder(models.Model):
    """The program, or the zip holding it, that turns the bitstreams into the decoded images."""

    submission = models.OneToOneField(Submission, models.CASCADE, related_name="decoder")
    size_bytes = models.PositiveBigIntegerField()
    sha256 = FileRef()
    # What is mended in it before it runs, in words.
    notes = models.JSONField(default=list)

    class Meta:
        indexes = [models.Index(fields=["sha256"], name="decoder_file")]


class Worker(models.Model):
    """A worker that runs decoders: a machine of the site's own, or one that has a token.

    It reaches the site over HTTPS by its token, of which only the SHA-256 is kept.
    """

    name = models.CharField(max_length=100)
    token_sha256 = models.CharField(max_length=64, unique=True, null=True)
    # How the making of the token is signed.
    made_by = models.CharField(max_length=150, blank=True)
    made_at = models.DateTimeField()
    revoked_at = models.DateTimeField(null=True)
    # What it told last: of itself, and of a run or of why it can't begin one.
    heard_at = models.DateTimeField(null=True)
    environment = models.JSONField(default=dict)
    processor = models.CharField(max_length=200, blank=True)
    words = models.TextField(blank=True)
    # The sources of the environments that it has, and whether it has a GPU for decoders.
    sources = models.JSONField(default=list, db_default=[])
    gpu = models.BooleanField(default=False, db_default=False)

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["name"],
                condition=models.Q(token_sha256=None),
                name="worker_machine_unique",
            )
        ]

    def __str__(self) -> str:
        return self.name


class Run(models.Model):
    """One run of a submission's decoder on its bitstreams, begun again where a worker died.

    A run that `compares` changes nothing: it tells whether the decoder makes the same pictures
    again, in the same arithmetic or in another.
    """

    class State(models.TextChoices):
        WAITING = "waiting", "waiting for a worker"
        RUNNING = "running", "running"
        SUCCEEDED = "succeeded", "succeeded"
        FAILED = "failed", "failed"
        STOPPED = "stopped", "stopped"

    CURRENT = (State.WAITING, State.RUNNING)

    submission = models.ForeignKey(Submission, models.CASCADE, related_name="runs")
    state = models.CharField(max_length=10, choices=State, default=State.WAITING)
    compares = models.BooleanField(default=False)
    # The arithmetic that it is run in, by the slug of one of `sandbox.worlds`, and the names of the
    # pictures that it is to make; None for all.
    world = models.CharField(max_length=20, default=worlds.USUAL.slug, db_default=worlds.USUAL.slug)
    pictures = models.JSONField(null=True)
    # What became of each, of a run in another world: `elsewhere_verdicts.Told`, a list.
    told = models.JSONField(null=True)
    reproduced = models.BooleanField(null=True)
    attempt = models.PositiveSmallIntegerField(default=0)
    # Who carries the attempt out, or did.
    worker = models.ForeignKey(Worker, models.SET_NULL, null=True, related_name="runs")
    # When a worker elsewhere had sent all that came of the attempt; it is judged here.
    delivered_at = models.DateTimeField(null=True)
    # How it ended and why, or why it can't begin.
    verdict = models.TextField(blank=True)
    # What went wrong at the server; may name its folders, so it is for organizers alone.
    fault = models.TextField(blank=True)
    log = models.TextField(blank=True)
    queued_at = models.DateTimeField()
    started_at = models.DateTimeField(null=True)
    heartbeat_at = models.DateTimeField(null=True)
    finished_at = models.DateTimeField(null=True)
    # Where it runs: the source of its submission's environment, and whether that is with a GPU.
    source = models.CharField(max_length=300, default=USUAL, db_default=USUAL)
    gpu = models.BooleanField(default=False, db_default=False)
    limits = models.JSONField(default=dict)
    limit_met = models.CharField(max_length=10, blank=True)
    wall_seconds = models.FloatField(null=True)
    cpu_seconds = models.FloatField(null=True)
    peak_memory_bytes = models.PositiveBigIntegerField(null=True)
    exit_code = models.PositiveSmallIntegerField(null=True)
    signal = models.CharField(max_length=16, blank=True)
    # SHA-256 of each output by its path, and what the outcome may depend on.
    outputs = models.JSONField(default=dict)
    environment = models.JSONField(default=dict)
    processor = models.CharField(max_length=200, blank=True)

    class Meta:
        ordering = ["-id"]


class Delivery(models.Model):
    """A file that a worker elsewhere has sent of a run under way, until the run is judged.

    It is called like the picture's original, or `record`.
    """

    run = models.ForeignKey(Run, models.CASCADE, related_name="deliveries")
    name = models.CharField(max_length=200)
    size_bytes = models.PositiveBigIntegerField()
    sha256 = FileRef()

    class Meta:
        constraints = [models.UniqueConstraint(fields=["run", "name"], name="delivery_unique")]
        indexes = [models.Index(fields=["sha256"], name="delivery_file")]


class RegisteredDecoder(models.Model):
    """A decoder that an organizer lets a team use, as if it had been submitted in time."""

    phase = models.ForeignKey(Phase, models.CASCADE, related_name="registered_decoders")
    team = models.ForeignKey(Team, models.CASCADE, related_name="registered_decoders")
    sha256 = models.CharField(max_length=64)

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["phase", "team", "sha256"], name="registered_decoder_unique"
            )
        ]


class BaselineOrder(models.Model):
    """A codec that an organizer asked for as a baseline of a phase, as it was asked for last.

    It is under way until it is entered, fails, or is stopped; then `words` tell what came of it.
    """

    class State(models.TextChoices):
        WAITING = "waiting", "waits for a worker"
        MAKING = "making", "is being made"
        ENTERED = "entered", "is entered"
        FAILED = "failed", "could not be made"
        STOPPED = "stopped", "was stopped"

    UNDER_WAY = (State.WAITING, State.MAKING)

    phase = models.ForeignKey(Phase, models.CASCADE, related_name="baseline_orders")
    codec = models.CharField(max_length=100)
    state = models.CharField(max_length=7, choices=State, default=State.WAITING)
    # Of the steps of making it, how many are done.
    done = models.PositiveIntegerField(default=0)
    steps = models.PositiveIntegerField()
    words = models.TextField(blank=True)
    submission = models.ForeignKey(Submission, models.SET_NULL, null=True, related_name="+")
    by = models.CharField(max_length=150)
    asked_at = models.DateTimeField()
    begun_at = models.DateTimeField(null=True)
    ended_at = models.DateTimeField(null=True)

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["phase", "codec"], name="baseline_order_unique")
        ]

    def __str__(self) -> str:
        return f"{self.codec} in {self.phase}"


class Factsheet(models.Model):
    """The PDF in which a team details its approach to a phase: without it, it can't win."""

    phase = models.ForeignKey(Phase, models.CASCADE, related_name="factsheets")
    team = models.ForeignKey(Team, models.CASCADE, related_name="factsheets")
    size_bytes = models.PositiveBigIntegerField()
    sha256 = FileRef()
    received_at = models.DateTimeField()
    received_from = models.CharField(max_length=150, blank=True)  # as acts are signed

    class Meta:
        constraints = [models.UniqueConstraint(fields=["phase", "team"], name="factsheet_unique")]
        indexes = [models.Index(fields=["sha256"], name="factsheet_file")]


class SubmissionAuditEntry(models.Model):
    """The submission that an audit entry is about; the log lies upstream and can't name it."""

    entry = models.OneToOneField(AuditEntry, models.CASCADE, related_name="about")
    submission = models.ForeignKey(Submission, models.CASCADE, related_name="audit_entries")
