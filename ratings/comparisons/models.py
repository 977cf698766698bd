"""Study, Entry, Crop, CropVersion, Pair, PairCount, Rater, RaterCount, Trial and Judgment."""

import secrets
import uuid

from django.contrib.postgres.indexes import BrinIndex
from django.db import models

from ratings.challenge.models import Dataset, Original, Phase
from ratings.psychometrics.pairing import EXPLORATION, Policy
from ratings.submissions.models import Submission


def random_address() -> str:
    """Return 128 random bits as text: an address that tells nothing and can't be guessed."""
    return secrets.token_hex(16)


class Study(models.Model):
    """One question put to raters about the pictures of one phase, and how its ranking is shown."""

    class Scale(models.TextChoices):
        NATURAL = "natural", "log odds"
        ELO = "elo", "Elo points"
        JND = "jnd", "just noticeable differences"

    class TieModel(models.TextChoices):
        HALF = "half", "a tie is half a win for each"
        DAVIDSON = "davidson", "ties have a strength of their own (Davidson 1970)"

    phase = models.ForeignKey(Phase, models.PROTECT, related_name="studies")
    slug = models.SlugField(unique=True)
    name = models.CharField(max_length=200)
    question = models.CharField(max_length=200)
    consent = models.TextField()
    crop_width = models.PositiveIntegerField(default=768)
    crop_height = models.PositiveIntegerField(default=768)
    crops_per_picture = models.PositiveSmallIntegerField(default=2)
    trials_per_rater = models.PositiveIntegerField(default=80)
    seed = models.PositiveBigIntegerField(default=1)
    ties_allowed = models.BooleanField(default=False)
    tie_model = models.CharField(max_length=10, choices=TieModel, default=TieModel.HALF)
    scale = models.CharField(max_length=10, choices=Scale, default=Scale.NATURAL)
    # Of the Elo scale alone; the others have mean 0.
    scale_mean = models.FloatField(default=2000)
    # Which pair comes next, and the share of trials that go to the least issued pair anyway.
    pairing = models.CharField(
        max_length=8,
        choices=[(policy.value, policy.value) for policy in Policy],
        default=Policy.BALANCED.value,
    )
    exploration = models.FloatField(default=EXPLORATION)
    # The study closes by itself as soon as one of those that are set is reached.
    stop_when_separated = models.BooleanField(default=False)
    stop_half_width = models.FloatField(null=True)
    stop_judgments = models.PositiveIntegerField(null=True)
    # How often the order was looked at: each look spends a part of the error allowed to all.
    looks = models.PositiveSmallIntegerField(default=0)
    is_open = models.BooleanField(default=True)
    stopped_at = models.DateTimeField(null=True)
    stopped_reason = models.CharField(max_length=200, blank=True)
    created_at = models.DateTimeField(auto_now_add=True)

    def __str__(self) -> str:
        return self.name


class Entry(models.Model):
    """A submission that takes part in a study under a label of its own.

    An entry that a newer submission of its team replaces is no longer active: it gets no new
    trials, its judgments stay.
    """

    study = models.ForeignKey(Study, models.CASCADE, related_name="entries")
    submission = models.ForeignKey(Submission, models.PROTECT, related_name="entries")
    label = models.CharField(max_length=240)
    active = models.BooleanField(default=False)

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["study", "submission"], name="entry_unique"),
            models.UniqueConstraint(fields=["study", "label"], name="entry_label_unique"),
        ]

    def __str__(self) -> str:
        return self.label


class Crop(models.Model):
    """A rectangle of an original, the same for all methods."""

    study = models.ForeignKey(Study, models.CASCADE, related_name="crops")
    original = models.ForeignKey(Original, models.PROTECT, related_name="crops")
    x = models.PositiveIntegerField()
    y = models.PositiveIntegerField()
    width = models.PositiveIntegerField()
    height = models.PositiveIntegerField()
    # Every decoded version is padded to this length: sizes alone tell two codecs apart.
    padded_bytes = models.PositiveIntegerField(default=0)

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["study", "original", "x", "y"], name="crop_unique")
        ]


class CropVersion(models.Model):
    """What raters see: a crop of the original (no entry) or of an entry, at a random address."""

    crop = models.ForeignKey(Crop, models.CASCADE, related_name="versions")
    entry = models.ForeignKey(Entry, models.CASCADE, null=True, related_name="crop_versions")
    address = models.CharField(max_length=32, unique=True, default=random_address)

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["crop", "entry"], nulls_distinct=False, name="crop_version_unique"
            )
        ]


class Pair(models.Model):
    """Two entries of a study that are compared; `first` has the lower id."""

    study = models.ForeignKey(Study, models.CASCADE, related_name="pairs")
    first = models.ForeignKey(Entry, models.CASCADE, related_name="pairs_as_first")
    second = models.ForeignKey(Entry, models.CASCADE, related_name="pairs_as_second")
    # How many trials were issued, and in how many of them `first` stood on the left.
    issued = models.PositiveIntegerField(default=0)
    issued_first_left = models.PositiveIntegerField(default=0)
    # How many trials the pairing policy wants in all; what is not issued yet is the ready queue.
    planned = models.PositiveIntegerField(default=0)

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["first", "second"], name="pair_unique"),
            models.CheckConstraint(
                condition=models.Q(first__lt=models.F("second")), name="pair_ordered"
            ),
        ]


class PairCount(models.Model):
    """Judgments of one pair on one crop: what scheduling balances and what a fit is made of."""

    pair = models.ForeignKey(Pair, models.CASCADE, related_name="counts")
    crop = models.ForeignKey(Crop, models.CASCADE, related_name="pair_counts")
    issued = models.PositiveIntegerField(default=0)
    wins_first = models.PositiveIntegerField(default=0)
    wins_second = models.PositiveIntegerField(default=0)
    ties = models.PositiveIntegerField(default=0)
    # Breaks ties between equally often issued crops; drawn anew each time.
    shuffle = models.FloatField()

    class Meta:
        constraints = [models.UniqueConstraint(fields=["pair", "crop"], name="pair_count_unique")]
        indexes = [
            models.Index(fields=["pair", "issued", "shuffle"], name="pair_count_least_issued")
        ]


class Rater(models.Model):
    """One person, or one synthetic rater, in one study: a random identifier and nothing else."""

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    study = models.ForeignKey(Study, models.CASCADE, related_name="raters")
    consent = models.TextField()
    consented_at = models.DateTimeField()
    simulated = models.BooleanField(default=False)


class RaterCount(models.Model):
    """Judgments of one pair by one rater on one data set: the other half of a fit's input."""

    # All three are the trial's, which the database does check. Checking them again would lock the
    # row of a pair that many raters judge at once; the unique key serves as the index.
    rater = models.ForeignKey(
        Rater, models.CASCADE, related_name="counts", db_constraint=False, db_index=False
    )
    pair = models.ForeignKey(
        Pair, models.CASCADE, related_name="rater_counts", db_constraint=False, db_index=False
    )
    dataset = models.ForeignKey(
        Dataset, models.CASCADE, related_name="+", db_constraint=False, db_index=False
    )
    wins_first = models.PositiveIntegerField(default=0)
    wins_second = models.PositiveIntegerField(default=0)
    ties = models.PositiveIntegerField(default=0)

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["rater", "pair", "dataset"], name="rater_count_unique")
        ]


class Trial(models.Model):
    """Two versions of one crop, issued to one rater: left, right, and the original at hand."""

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    rater = models.ForeignKey(Rater, models.CASCADE, related_name="trials")
    crop = models.ForeignKey(Crop, models.CASCADE, related_name="trials")
    pair = models.ForeignKey(Pair, models.CASCADE, related_name="trials")
    first_left = models.BooleanField()
    number = models.PositiveIntegerField()
    issued_at = models.DateTimeField()

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["rater", "crop", "pair"], name="trial_unique"),
            models.UniqueConstraint(fields=["rater", "number"], name="trial_number_unique"),
        ]
        # Trials are stored in order of time: this tiny index finds the latest of millions.
        indexes = [BrinIndex(fields=["issued_at"], name="trial_issued_at", autosummarize=True)]


class Judgment(models.Model):
    """The answer to one trial. Appended, never changed; an exclusion is a flag with a reason."""

    class Choice(models.TextChoices):
        LEFT = "left", "left"
        RIGHT = "right", "right"
        TIE = "tie", "can't decide"

    trial = models.OneToOneField(Trial, models.CASCADE, related_name="judgment")
    choice = models.CharField(max_length=5, choices=Choice)
    response_ms = models.PositiveIntegerField()
    judged_at = models.DateTimeField()
    display = models.JSONField(default=dict)
    excluded = models.BooleanField(default=False)
    exclusion_reason = models.CharField(max_length=300, blank=True)
