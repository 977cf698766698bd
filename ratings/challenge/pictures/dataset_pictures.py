"""Which pictures data sets may have, and writing them: for definition files and for uploads."""

from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from decimal import Decimal

from django.db import transaction
from django.db.models import ProtectedError

from ratings.challenge.models import Dataset, Original, Phase
from ratings.challenge.pictures.originals import FACTS, Picture
from ratings.challenge.refusals import Refused

Pictures = Mapping[str, Sequence[Picture]]  # by the slug of their data set


def current_pictures(challenge: str) -> dict[str, list[Picture]]:
    """Return the pictures of the challenge of this slug, by the slug of their data set."""
    pictures: dict[str, list[Picture]] = {}
    for slug, *facts in Original.objects.filter(dataset__challenge__slug=challenge).values_list(
        "dataset__slug", *FACTS
    ):
        pictures.setdefault(slug, []).append(Picture(*facts))
    return pictures


def lock_phases(challenge: str) -> list[Phase]:
    """Return a challenge's phases, locked: no submission begins while pictures may change."""
    rows = Phase.objects.filter(challenge__slug=challenge).order_by("pk")
    return list(rows.select_for_update())


def repeated_names(datasets: Sequence[str], planned: Pictures) -> list[str]:
    """Return which names stand more than once in a phase with these data sets."""
    names = Counter(p.name for slug in datasets for p in planned.get(slug, []))
    return [
        f"datasets: {name} is in {count} of its data sets; rename it in all but one."
        for name, count in names.items()
        if count > 1
    ]


def fixed_pictures(
    phase: Phase, datasets: Sequence[str], current: Pictures, planned: Pictures
) -> list[str]:
    """Return which pictures would change although submissions to the phase rest on them.

    `datasets` are those that it is to have.
    """
    submissions = phase.submissions.count()
    if not submissions:
        return []
    slugs = phase.datasets.values_list("slug", flat=True)
    before = {(slug, picture) for slug in slugs for picture in current.get(slug, [])}
    after = {(slug, picture) for slug in datasets for picture in planned.get(slug, [])}
    changed = sorted({f"{slug}/{picture.name}" for slug, picture in before ^ after})
    if not changed:
        return []
    counted = f"{submissions} submission{'' if submissions == 1 else 's'}"
    return [
        f"[[phase]] {phase.slug}: it has {counted}, so its pictures are fixed; "
        f"leave as they are: {', '.join(changed)}."
    ]


def picture_sizes(
    datasets: Sequence[str], planned: Pictures
) -> dict[str, dict[str, tuple[int, int]]]:
    """Return width and height of each picture, by its name, of each of these data sets."""
    return {
        slug: {one.name: (one.width, one.height) for one in planned.get(slug, [])}
        for slug in datasets
    }


def byte_budget(max_bpp: Decimal, datasets: Sequence[str], planned: Pictures) -> int | None:
    """Return the most bytes that a phase's pictures may have at so many bits per pixel.

    Without pictures there is nothing to take it of: None.
    """
    pictures = [picture for slug in datasets for picture in planned.get(slug, [])]
    pixels = sum(picture.width * picture.height for picture in pictures)
    return int(max_bpp * Decimal(pixels) / 8) if pictures else None


def save_originals(dataset: Dataset, pictures: Sequence[Picture]) -> None:
    """Let a data set have these pictures and no others. Raises ProtectedError."""
    dataset.originals.exclude(name__in=[picture.name for picture in pictures]).delete()
    Original.objects.bulk_create(
        [Original(dataset=dataset, **vars(picture)) for picture in pictures],
        update_conflicts=True,
        unique_fields=["dataset", "name"],
        update_fields=[fact for fact in FACTS if fact != "name"],
    )


@contextmanager
def unless_in_use(what: str) -> Iterator[None]:
    """Drop rows within, all or none. Raises Refused, code "in-use", where something needs one."""
    try:
        with transaction.atomic():
            yield
    except ProtectedError as error:
        used_by = Counter(type(row)._meta.verbose_name for row in error.protected_objects)
        counts = ", ".join(f"{number} {name}" for name, number in used_by.items())
        raise Refused("in-use", f"{what} is in use by {counts}.") from error
