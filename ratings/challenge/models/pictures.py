"""Data sets, their pictures, and what is sent to become one."""

from datetime import timedelta, timezone

from django.db import models

from ratings.challenge.models.challenges import Challenge
from ratings.storage.references import FileRef
from ratings.storage.shelves import CONTENT, PREVIEWS


class Dataset(models.Model):
    """A named set of originals, such as P ("professional") or M ("mobile").

    It is open to all from its own instant on, or with the first phase that opens its originals.
    """

    challenge = models.ForeignKey(Challenge, models.CASCADE, related_name="datasets")
    slug = models.SlugField()
    name = models.CharField(max_length=200)
    description = models.TextField(blank=True)
    # Of its pictures: an SPDX expression; "" where none is stated.
    license = models.CharField(max_length=200, blank=True)
    opens_at = models.DateTimeField(null=True)
    utc_offset = models.DurationField(default=timedelta(0))
    # Which of its pictures show one scene: see `pictures.scenes`.
    scenes = models.JSONField(default=list, db_default=[])

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["challenge", "slug"], name="dataset_slug_unique")
        ]

    def __str__(self) -> str:
        return self.name

    @property
    def zone(self) -> timezone:
        """The fixed offset in which its release was announced."""
        return timezone(self.utc_offset)


class Original(models.Model):
    """A picture to be compressed. `name` is its file name; the stem names its bitstream."""

    dataset = models.ForeignKey(Dataset, models.CASCADE, related_name="originals")
    name = models.CharField(max_length=200)
    width = models.PositiveIntegerField()
    height = models.PositiveIntegerField()
    size_bytes = models.PositiveBigIntegerField()
    sha256 = FileRef()
    crc32 = models.PositiveBigIntegerField()  # of the file, as zips have it
    # Of the decoded RGB8 samples, kept raw so that scoring need not decode them again.
    samples_sha256 = FileRef(shelves=(CONTENT, PREVIEWS))

    class Meta:
        ordering = ["name"]
        constraints = [
            models.UniqueConstraint(fields=["dataset", "name"], name="original_name_unique")
        ]
        indexes = [
            models.Index(fields=["sha256"], name="original_file"),
            models.Index(fields=["samples_sha256"], name="original_samples"),
        ]

    def __str__(self) -> str:
        return self.name

    @property
    def stem(self) -> str:
        """The name without its suffix: the name of the picture's bitstream."""
        return self.name.removesuffix(".png")

    @property
    def pixels(self) -> int:
        """Number of pixels, the denominator of bpp."""
        return self.width * self.height


class StagedFile(models.Model):
    """A picture file that an organizer sent, to become an original of the data set.

    Either `problem` says why it can't, or the facts are those of the picture that it becomes; of
    the file itself only digest and size are kept.
    """

    dataset = models.ForeignKey(Dataset, models.CASCADE, related_name="staged_files")
    name = models.CharField(max_length=300)  # as it was given, with its folders
    sent_bytes = models.PositiveBigIntegerField()
    sent_sha256 = models.CharField(max_length=64)
    sent_at = models.DateTimeField()
    by = models.CharField(max_length=150)
    # What was done to make it a picture that is taken; `exact` where no sample was changed.
    changes = models.JSONField(default=list)
    exact = models.BooleanField(default=True)
    problem = models.TextField(blank=True)
    width = models.PositiveIntegerField(null=True)
    height = models.PositiveIntegerField(null=True)
    size_bytes = models.PositiveBigIntegerField(null=True)
    sha256 = FileRef(null=True)
    crc32 = models.PositiveBigIntegerField(null=True)
    samples_sha256 = FileRef(null=True)

    class Meta:
        ordering = ["name"]
        constraints = [
            models.UniqueConstraint(fields=["dataset", "name"], name="staged_name_unique")
        ]
        indexes = [
            models.Index(fields=["sha256"], name="staged_file"),
            models.Index(fields=["samples_sha256"], name="staged_samples"),
        ]

    def __str__(self) -> str:
        return self.name
