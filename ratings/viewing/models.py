"""PreparedPicture: a whole picture of a phase, cut into tiles for the viewer."""

from django.db import models

from ratings.challenge.models import Original, Phase
from ratings.comparisons.models.studies import random_address
from ratings.storage.references import FileRef
from ratings.storage.shelves import TILES
from ratings.submissions.models import DecodedImage


class PreparedPicture(models.Model):
    """An original, or what a method made of it (`decoded`), as tiles at a random address.

    The row is there as long as everyone may see the picture, and the file as long as the row.
    """

    phase = models.ForeignKey(Phase, models.CASCADE, related_name="prepared_pictures")
    original = models.ForeignKey(Original, models.CASCADE, related_name="prepared_pictures")
    decoded = models.ForeignKey(
        DecodedImage, models.CASCADE, null=True, related_name="prepared_pictures"
    )
    address = FileRef(shelves=[TILES], max_length=32, unique=True, default=random_address)
    # Where each tile ends in the file, in bytes, in the order of `imaging.tile_pyramid`.
    ends = models.JSONField()
    size_bytes = models.PositiveBigIntegerField()

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["phase", "original", "decoded"],
                nulls_distinct=False,
                name="prepared_picture_unique",
            )
        ]
