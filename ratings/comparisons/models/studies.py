"""What a study is made of: its entries, their pairs, and the crops that raters see."""

import secrets
from copy import deepcopy
from typing import Any

from django.conf import settings
from django.db import models

from ratings.challenge.models import Original, Phase, Series
from ratings.comparisons.protocol import Protocol, Translation
from ratings.psychometrics.design.pairing import EXPLORATION, Policy
from ratings.storage.references import FileRef
from ratings.storage.shelves import CROPS
from ratings.submissions.models import Submission


def random_address() -> str:
    """Return 128 random bits as text: an address that tells nothing and can't be guessed."""
    return secrets.token_hex(16)


class Stage(models.TextChoices):
    """Of a study: whether who begins now tries it out, or judges what is published."""

    PILOT = "pilot", "pilot"
    MAIN = "main", "main"


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
    # Whose phases are compared across their rates; None: the study is of its phase alone.
    series = models.ForeignKey(Series, models.PROTECT, null=True, related_name="+")
    slug = models.SlugField(unique=True)
    name = models.CharField(max_length=200)
    question = models.CharField(max_length=200)
    consent = models.TextField()
    crop_width = models.PositiveIntegerField(default=768)
    crop_height = models.PositiveIntegerField(default=768)
    crops_per_picture = models.PositiveSmallIntegerField(default=2)
    # Names of methods, and pictures as "dataset/name.png", that take part; empty: all of them.
    methods = models.JSONField(default=list, blank=True)
    pictures = models.JSONField(default=list, blank=True)
    # Crops that the file places itself: [{"picture": "dataset/name.png", "x": 0, "y": 0}].
    placed_crops = models.JSONField(default=list, blank=True)
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
    # What a second ranking takes out, of `circumstances.ADJUSTABLE`; and the strata of pictures,
    # each with patterns of their names: [{"name": "faces", "pictures": ["P/face*"]}].
    adjust = models.JSONField(default=list, db_default=[], blank=True)
    strata = models.JSONField(default=list, db_default=[], blank=True)
    # What [study.pilot] says, None without one; and who begins now begins in this stage.
    pilot = models.JSONField(null=True, blank=True)
    stage = models.CharField(max_length=5, choices=Stage, default=Stage.MAIN, db_default="main")
    # What its file says under [[study.recruiter]]; see `study.recruiter_keys`.
    recruiters = models.JSONField(default=list, db_default=[], blank=True)
    # What raters may say and are told, where the file says otherwise; see `voice_keys`.
    voices = models.JSONField(default=dict, db_default={}, blank=True)
    # The [[study.questionnaire]] and the [study.devices] of the file, as they are written there:
    # see `questionnaire.questions` and `device_rules`.
    questionnaire = models.JSONField(default=list, db_default=[], blank=True)
    devices = models.JSONField(default=dict, db_default={}, blank=True)
    # The study closes by itself as soon as one of those that are set is reached.
    stop_when_separated = models.BooleanField(default=False)
    stop_half_width = models.FloatField(null=True)
    stop_judgments = models.PositiveIntegerField(null=True)
    # How often an answer was undone, a rater decided about, entries let go or counters set right:
    # each asks for a refit.
    changes = models.PositiveIntegerField(default=0)
    # How often the order was looked at: each look spends a part of the error allowed to all.
    looks = models.PositiveSmallIntegerField(default=0)
    # What `Protocol.as_json` says; see `protocol`.
    protocol_json = models.JSONField(default=dict, blank=True)
    is_open = models.BooleanField(default=True)
    # Paused by hand: what was issued is still taken, nothing new is issued.
    paused_at = models.DateTimeField(null=True)
    stopped_at = models.DateTimeField(null=True)
    # When the study's rule last looked at its raters, and that rule in words: another rule looks
    # at all of them anew.
    screened_at = models.DateTimeField(null=True)
    screened_by = models.CharField(max_length=200, blank=True)
    stopped_reason = models.CharField(max_length=200, blank=True)
    created_at = models.DateTimeField(auto_now_add=True)

    def __str__(self) -> str:
        return self.name

    # The JSON that was parsed last, and what it says.
    _parsed: tuple[dict[str, Any], Protocol] = ({}, Protocol())

    @property
    def protocol(self) -> Protocol:
        """How the study is put to its raters; parsed again where `protocol_json` has changed."""
        if self._parsed[0] != self.protocol_json:
            self._parsed = (deepcopy(self.protocol_json), Protocol.from_json(self.protocol_json))
        return self._parsed[1]

    def texts(self, language: str) -> Translation:
        """Return the study's own texts in a language, in its first one where they have no other."""
        own = Translation(self.protocol.languages[0], self.name, self.question, self.consent)
        return next(
            (
                translation
                for translation in self.protocol.translations
                if translation.language == language
            ),
            own,
        )


class StudyHold(models.Model):
    """A time during which an organizer held a study: paused, or closed; `ended_at` None: now.

    A paused study issues no trials. One that is closed takes no raters either, opens its pictures'
    methods where originals are open, and lets every rater who began come to their end.
    """

    class Kind(models.TextChoices):
        PAUSE = "pause", "Paused"
        CLOSE = "close", "Closed"

    study = models.ForeignKey(Study, models.CASCADE, related_name="holds")
    kind = models.CharField(max_length=5, choices=Kind, default=Kind.PAUSE)
    begun_at = models.DateTimeField()
    begun_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.SET_NULL, null=True, related_name="+"
    )
    ended_at = models.DateTimeField(null=True)
    ended_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.SET_NULL, null=True, related_name="+"
    )

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["study", "kind"],
                condition=models.Q(ended_at=None),
                name="hold_one_at_a_time",
            )
        ]


class StudyVersion(models.Model):
    """A study's definition as it stood when trials were issued, and the software that issued them.

    `definition` is the [[study]] table as TOML, `sha256` its digest.
    """

    study = models.ForeignKey(Study, models.CASCADE, related_name="versions")
    definition = models.TextField()
    sha256 = models.CharField(max_length=64)
    software_version = models.CharField(max_length=20)
    since = models.DateTimeField()

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["study", "sha256", "software_version"], name="study_version_unique"
            )
        ]


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
    # Since when no trials of it are issued, and the organizer who said so; None: raters' flags did.
    paused_at = models.DateTimeField(null=True)
    paused_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.SET_NULL, null=True, related_name="+"
    )

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["study", "original", "x", "y"], name="crop_unique")
        ]


class CropVersion(models.Model):
    """What raters see: a crop's pixels as one file at a random address.

    `reference` is the original at hand. The contenders, all of one length in bytes, are those of
    entries, and for checks: the original once more (`hidden`), the original degraded (`degraded`,
    the higher the level the more), and an entry's pixels under a second address (`twin`).
    """

    class Kind(models.TextChoices):
        REFERENCE = "reference", "the original"
        ENTRY = "entry", "an entry"
        HIDDEN = "hidden", "the original as a contender"
        DEGRADED = "degraded", "the original degraded"
        TWIN = "twin", "an entry once more"

    crop = models.ForeignKey(Crop, models.CASCADE, related_name="versions")
    kind = models.CharField(max_length=9, choices=Kind, default=Kind.ENTRY)
    entry = models.ForeignKey(Entry, models.CASCADE, null=True, related_name="crop_versions")
    level = models.PositiveSmallIntegerField(default=0)
    address = FileRef(shelves=[CROPS], max_length=32, unique=True, default=random_address)

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["crop", "kind", "entry", "level"],
                nulls_distinct=False,
                name="crop_version_unique",
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
    # The same of the pilot's raters, who are issued the least issued pair.
    pilot_issued = models.PositiveIntegerField(default=0, db_default=0)
    pilot_issued_first_left = models.PositiveIntegerField(default=0, db_default=0)
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
    pilot_issued = models.PositiveIntegerField(default=0, db_default=0)
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
