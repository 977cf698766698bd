"""Loading a definition file whole, its studies too: every problem at once, and what changes."""

from dataclasses import dataclass
from pathlib import Path

from django.db import transaction
from django.db.models import Q
from django.utils import timezone

from ratings.challenge.exchange import loading, proposals
from ratings.challenge.keys.tables import written
from ratings.challenge.models import Challenge, Dataset
from ratings.challenge.pictures.dataset_pictures import current_pictures, picture_sizes
from ratings.challenge.refusals import Refused
from ratings.comparisons.locking import lock_studies, locking, note_change
from ratings.comparisons.models import Study
from ratings.comparisons.study.definition_history import (
    NOBODY,
    NOTHING,
    Author,
    Snapshot,
    differences,
    keep,
    locked,
    require_seen,
    snapshot,
)
from ratings.comparisons.study.study_tables import Fields, read_studies, save_studies


@dataclass(frozen=True)
class Loaded:
    """What was loaded, or would be: `changes` in words, nothing where all is as it was.

    `after` is the definition then. `number` is of the version that was kept, None where none was.
    """

    challenge: Challenge
    studies: list[Study]
    is_new: bool
    changes: list[str]
    after: Snapshot
    number: int | None


def load_whole(
    text: str,
    originals_root: Path | None,
    *,
    dry_run: bool = False,
    author: Author = NOBODY,
    seen: str | None = None,
    slug: str | None = None,
) -> Loaded:
    """Create or update the challenge that `text` describes, with its studies.

    Without a root of originals no folder is read: each data set keeps its pictures. With
    `dry_run` nothing stays. `seen` is the etag of the definition that the text was made from, ""
    for a challenge that is to be new; `slug` the challenge that it must be of.
    Raises Refused: code "definition-changed" where another one is there than was seen; else with
    every problem of file, pictures and studies. Then nothing has changed.
    """
    proposal = proposals.read_proposal(text, originals_root)
    if slug is not None and proposal.definition.slug != slug:
        proposal.problems.insert(0, f"The challenge: slug: it stays {slug!r}; put it back.")
    slug = slug or proposal.definition.slug
    with locking():
        known = locked(slug)
        before = snapshot(known)
        if seen is not None:
            require_seen(known, seen, before)
        problems, code = proposals.loading_problems(proposal)
        studies, more = _read_studies(slug, proposal)
        if problems or more:
            raise Refused(code if problems else "definition", *problems, *more)
        of_scenes = _lock_with_other_scenes(proposal)
        challenge = loading.save_proposal(proposal)
        saved = save_studies(challenge, studies)
        for study in of_scenes:
            note_change(study.pk)
        after = snapshot(challenge)
        version = keep(challenge, before, after, author, timezone.now())
        transaction.set_rollback(dry_run)
    return Loaded(
        challenge,
        saved,
        is_new=before == NOTHING,
        changes=differences(before, after),
        after=after,
        number=version.number if version else None,
    )


def _read_studies(slug: str, proposal: proposals.Proposal) -> tuple[list[Fields], list[str]]:
    """Return the fields of the studies of a definition, and all that is wrong with them."""
    definition, planned = proposal.definition, proposal.planned(current_pictures(slug))
    pictures = {phase.slug: picture_sizes(phase.datasets, planned) for phase in definition.phases}
    series = {one.slug: one.phases for one in definition.series}
    return read_studies(slug, pictures, series, definition.studies)


def _lock_with_other_scenes(proposal: proposals.Proposal) -> list[Study]:
    """Return the studies whose pictures get other scenes, and so another ranking.

    All studies of the challenge are locked then, in their order: any of them may be saved.
    """
    slug = proposal.definition.slug
    wanted = {one.slug: written(one.scenes) for one in proposal.definition.datasets}
    known = Dataset.objects.filter(challenge__slug=slug, slug__in=wanted)
    changed = [one.pk for one in known if one.scenes != wanted[one.slug]]
    if not changed:
        return []
    studies = lock_studies(Q(phase__challenge__slug=slug))
    shown = set(Study.objects.filter(phase__datasets__in=changed).values_list("pk", flat=True))
    return [study for study in studies if study.pk in shown]
