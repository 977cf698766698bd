"""Which pictures are prepared: those that everyone may see, within a share of the disk."""

from collections import defaultdict
from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import datetime

from django.db.models import Sum

from ratings.challenge.models import Original, Phase
from ratings.comparisons.study.presentation import identities_open
from ratings.storage.shelves import TILES
from ratings.storage.site_store import the_store
from ratings.submissions.models import DecodedImage
from ratings.viewing.models import PreparedPicture
from ratings.viewing.shown_methods import shown_submissions

# Of the disk that holds the stored files.
SHARE = 0.1
# What a picture is taken to need until it is prepared, in bytes per pixel: a bit less than raw.
GUESSED_BYTES = 2.5


@dataclass
class PreparedCount:
    """How many pictures of a phase are prepared, of how many, and their bytes."""

    prepared: int
    wanted: int
    size_bytes: int


@dataclass
class _Picture:
    """A picture of a phase: what is prepared of it, and how many of its versions are not."""

    phase: Phase
    original: Original
    rows: list[PreparedPicture] = field(default_factory=list)
    lacking: int = 0

    @property
    def size_bytes(self) -> int:
        guessed = round(GUESSED_BYTES * self.original.pixels)
        return sum(row.size_bytes for row in self.rows) + self.lacking * guessed


def most_bytes() -> int | None:
    """Return how many bytes all prepared pictures of the site may have together; None: any."""
    total_bytes = the_store().total_bytes()
    return None if total_bytes is None else int(SHARE * total_bytes)


def held_bytes() -> int:
    """Return how many bytes all prepared pictures of the site have."""
    return PreparedPicture.objects.aggregate(sum=Sum("size_bytes"))["sum"] or 0


def keep_within(most: int | None, now: datetime) -> list[tuple[Phase, Original]]:
    """Drop what must not be prepared any more; return the pictures of which something is lacking.

    A picture is prepared while those before it take less than `most` bytes: so no more than one
    goes beyond. Phases whose originals opened last come first, in each of them pictures by name.
    """
    there = set(PreparedPicture.objects.values_list("pk", flat=True))
    kept: set[int] = set()
    lacking = []
    before_bytes = 0
    for phase in _open_phases(now):
        for picture in _pictures(phase):
            if most is not None and before_bytes >= most:
                break
            before_bytes += picture.size_bytes
            kept.update(row.pk for row in picture.rows)
            if picture.lacking:
                lacking.append((phase, picture.original))
    # What was made meanwhile has its turn the next time.
    PreparedPicture.objects.filter(pk__in=there - kept).delete()
    return lacking


def count_prepared(phase: Phase, now: datetime) -> PreparedCount:
    """Return how far the phase's pictures are prepared; none are wanted while they are hidden."""
    if not identities_open(phase, now):
        return PreparedCount(0, 0, 0)
    pictures = list(_pictures(phase))
    prepared = sum(len(picture.rows) for picture in pictures)
    lacking = sum(picture.lacking for picture in pictures)
    size_bytes = sum(row.size_bytes for picture in pictures for row in picture.rows)
    return PreparedCount(prepared, prepared + lacking, size_bytes)


def _open_phases(now: datetime) -> Iterator[Phase]:
    released = Phase.objects.filter(originals_open_at__lte=now).select_related("challenge")
    for phase in released.order_by("-originals_open_at", "pk"):
        if identities_open(phase, now):
            yield phase


def _pictures(phase: Phase) -> Iterator[_Picture]:
    """Yield the phase's pictures by name, without rows that nothing asks for or have no file."""
    images = DecodedImage.objects.filter(submission__in=shown_submissions(phase))
    wanted: dict[int, set[int | None]] = defaultdict(lambda: {None})
    for picture, image in images.values_list("original", "pk"):
        wanted[picture].add(image)
    rows = _rows_with_files(phase)
    for original in phase.originals():
        asked = wanted[original.pk]
        held = [row for row in rows[original.pk] if row.decoded_id in asked]
        yield _Picture(phase, original, held, len(asked) - len(held))


def _rows_with_files(phase: Phase) -> dict[int, list[PreparedPicture]]:
    rows: dict[int, list[PreparedPicture]] = defaultdict(list)
    made = list(PreparedPicture.objects.filter(phase=phase).defer("ends"))
    sizes = TILES.sizes_of([row.address for row in made])
    for row in made:
        if sizes.get(row.address) == row.size_bytes:
            rows[row.original_id].append(row)
    return rows
