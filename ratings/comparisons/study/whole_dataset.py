"""Changing a data set's pictures, with the budgets that follow: every problem at once, or whole."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass

from ratings.challenge.definitions.changes import dataset_changes
from ratings.challenge.models import Dataset, Phase, StagedFile
from ratings.challenge.pictures.dataset_pictures import (
    Pictures,
    byte_budget,
    current_pictures,
    fixed_pictures,
    lock_phases,
    picture_sizes,
    repeated_names,
    save_originals,
    unless_in_use,
)
from ratings.challenge.pictures.originals import Picture, hold_files
from ratings.challenge.pictures.staged_files import lock_dataset, overview
from ratings.challenge.refusals import Refused
from ratings.comparisons.models import Study
from ratings.comparisons.participation import picture_problems
from ratings.comparisons.study.definition_history import Author, versioned


def take_in(
    dataset: Dataset, *, drop_others: bool = False, digest: str = "", by: str = ""
) -> list[str]:
    """Make all sound staged files pictures of the data set; return what changes, in words.

    New ones are added, and those of the same name replaced; with `drop_others` all others go. With
    the `digest` of an overview only what that has seen is taken. Raises Refused with code "staged",
    "originals" or "in-use", and then nothing has changed.
    """

    def wanted(now: Sequence[Picture]) -> list[Picture]:
        found = overview(dataset)
        if digest and digest != found.digest:
            raise Refused(
                "staged",
                "What is staged, or the pictures that are there, changed meanwhile: another "
                "organizer may have taken them in. Look at it again.",
            )
        if not found.sound:
            raise Refused("staged", "Nothing is staged that could be taken in; send pictures.")
        taken = [one.picture for one in found.sound]
        hold_files(taken)
        StagedFile.objects.filter(pk__in=[one.file.pk for one in found.sound]).delete()
        names = {picture.name for picture in taken}
        return taken if drop_others else [p for p in now if p.name not in names] + taken

    return _change(dataset, by, wanted)


@dataclass(frozen=True)
class Resting:
    """What rests on a picture: phases, and the studies of these; `against` is why it can't go."""

    phases: list[Phase]
    studies: list[Study]
    against: list[str]


def resting_on(dataset: Dataset, name: str) -> Resting:
    """Return what rests on a picture. Raises Refused, code "unknown-picture"."""
    phases = list(dataset.phases.order_by("position"))
    studies = list(Study.objects.filter(phase__in=phases).order_by("pk"))
    current = current_pictures(dataset.challenge.slug)
    planned = current | {dataset.slug: _without(current.get(dataset.slug, []), name)}
    try:
        _require_possible(phases, current, planned)
    except Refused as refused:
        return Resting(phases, studies, refused.problems)
    return Resting(phases, studies, [])


def drop_picture(dataset: Dataset, name: str, *, by: str = "") -> list[str]:
    """Delete a picture of the data set; return what changes, in words.

    Raises Refused with code "unknown-picture", "originals" or "in-use".
    """
    return _change(dataset, by, lambda now: _without(now, name))


def _without(now: Sequence[Picture], name: str) -> list[Picture]:
    left = [picture for picture in now if picture.name != name]
    if len(left) == len(now):
        raise Refused("unknown-picture", f"The data set has no picture {name}.")
    return left


def _change(
    dataset: Dataset, by: str, wanted: Callable[[Sequence[Picture]], Sequence[Picture]]
) -> list[str]:
    """Let a data set have the pictures that `wanted` makes of those it has; a version is kept."""
    challenge, slug = dataset.challenge.slug, dataset.slug
    with versioned(challenge, Author(by)):
        phases = [phase for phase in lock_phases(challenge) if slug in _slugs(phase)]
        lock_dataset(dataset.pk)
        current = current_pictures(challenge)
        now = current.get(slug, [])
        planned = current | {slug: wanted(now)}
        _require_possible(phases, current, planned)
        with unless_in_use("What would be dropped"):
            save_originals(dataset, planned[slug])
        for phase in phases:
            if phase.max_bpp:
                phase.byte_budget = byte_budget(phase.max_bpp, _slugs(phase), planned)
                phase.save(update_fields=["byte_budget"])
    return dataset_changes(_digests(now), _digests(planned[slug]))


def _require_possible(phases: Sequence[Phase], current: Pictures, planned: Pictures) -> None:
    """Refuse what a definition file with these pictures would be refused for."""
    gaps, in_use = [], []
    for phase in phases:
        slugs = _slugs(phase)
        lines = repeated_names(slugs, planned)
        gaps += [f"[[phase]] {phase.slug}: {line}" for line in lines]
        in_use += fixed_pictures(phase, slugs, current, planned)
        sizes = picture_sizes(slugs, planned)
        for study in Study.objects.filter(phase=phase).order_by("pk"):
            lines = picture_problems(sizes, vars(study))
            gaps += [f"[[study]] {study.slug}: {line}" for line in lines]
    if gaps or in_use:
        raise Refused("in-use" if in_use else "originals", *in_use, *gaps)


def _slugs(phase: Phase) -> list[str]:
    return list(phase.datasets.order_by("pk").values_list("slug", flat=True))


def _digests(pictures: Sequence[Picture]) -> dict[str, str]:
    return {picture.name: picture.sha256 for picture in pictures}
