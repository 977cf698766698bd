"""Loading a definition into the database, whole or not at all."""

from collections.abc import Mapping, Sequence
from datetime import datetime, timedelta
from pathlib import Path

from django.db import transaction
from django.utils import timezone

from ratings.challenge.calendar import first_late_instant
from ratings.challenge.definitions.definition import (
    AnnouncementDefinition,
    CalendarDefinition,
    DatasetDefinition,
    Definition,
    PhaseDefinition,
)
from ratings.challenge.exchange.proposals import Proposal, loading_problems, read_proposal
from ratings.challenge.keys.series_keys import SeriesTable
from ratings.challenge.keys.tables import written
from ratings.challenge.models import (
    Announcement,
    CalendarEntry,
    Challenge,
    Dataset,
    Phase,
    Series,
)
from ratings.challenge.pictures.dataset_pictures import (
    Pictures,
    byte_budget,
    current_pictures,
    save_originals,
    unless_in_use,
)
from ratings.challenge.pictures.originals import hold_files
from ratings.challenge.refusals import Refused
from ratings.challenge.told_news import tell_move, tell_news


def load_definition(text: str, originals_root: Path) -> Challenge:
    """Create or update the challenge that `text` describes; the same text changes nothing.

    Folders of originals are relative to `originals_root`. A data set without a folder keeps the
    pictures that it has. Raises Refused with code "definition", "originals" or "in-use", and then
    nothing has changed.
    """
    proposal = read_proposal(text, originals_root)
    with transaction.atomic():
        problems, code = loading_problems(proposal)
        if problems:
            raise Refused(code, *problems)
        return save_proposal(proposal)


def save_proposal(proposal: Proposal) -> Challenge:
    """Create or update the challenge of a proposal that nothing stands against.

    Raises Refused, code "in-use", where something rests on what it drops.
    """
    with unless_in_use("What the definition drops"):
        return _save(proposal.definition, proposal.pictures, proposal.sha256)


def _save(definition: Definition, pictures: Pictures, sha256: str) -> Challenge:
    challenge, _ = Challenge.objects.update_or_create(
        slug=definition.slug,
        defaults={
            "name": definition.name,
            "summary": definition.summary,
            "description": definition.description,
            "forum_url": definition.forum,
            "license": definition.license,
            "doi": definition.doi,
            "organizers": list(definition.organizers),
            "sponsors": list(definition.sponsors),
            "draft": definition.draft,
            "retention": written(definition.retention),
            "definition_sha256": sha256,
        },
    )
    _save_calendar(challenge, definition.calendar)
    _save_announcements(challenge, definition.announcements)
    challenge.phases.update(decoders_from=None)  # set anew below; what is dropped may go
    challenge.phases.exclude(slug__in=[phase.slug for phase in definition.phases]).delete()
    datasets = _save_datasets(challenge, definition.datasets, pictures)
    planned = current_pictures(challenge.slug)
    for position, phase in enumerate(definition.phases):
        _save_phase(challenge, phase, position, datasets, planned)
    _save_series(challenge, definition.series)
    return challenge


def _save_calendar(challenge: Challenge, calendar: Sequence[CalendarDefinition]) -> None:
    challenge.calendar.all().delete()
    CalendarEntry.objects.bulk_create(
        CalendarEntry(
            challenge=challenge, title=entry.title, at=entry.at, utc_offset=_offset(entry.at)
        )
        for entry in calendar
    )


def _save_announcements(
    challenge: Challenge, announcements: Sequence[AnnouncementDefinition]
) -> None:
    """Replace what came from a definition; what was announced at the desk stays, once."""
    told = set(challenge.announcements.values_list("title", "at"))
    challenge.announcements.filter(by="").delete()
    there = set(challenge.announcements.values_list("title", "at"))
    Announcement.objects.bulk_create(
        Announcement(
            challenge=challenge,
            title=announcement.title,
            text=announcement.text,
            at=announcement.at,
            utc_offset=_offset(announcement.at),
        )
        for announcement in announcements
        if (announcement.title, announcement.at) not in there
    )
    for announcement in announcements:
        if (announcement.title, announcement.at) not in told:
            tell_news(challenge, announcement.title, announcement.at, timezone.now())


def _save_datasets(
    challenge: Challenge, definitions: Sequence[DatasetDefinition], read: Pictures
) -> dict[str, Dataset]:
    challenge.datasets.exclude(slug__in=[dataset.slug for dataset in definitions]).delete()
    hold_files([picture for folder in read.values() for picture in folder])
    datasets = {}
    for definition in definitions:
        dataset, _ = Dataset.objects.update_or_create(
            challenge=challenge,
            slug=definition.slug,
            defaults={
                "name": definition.name,
                "description": definition.description,
                "license": definition.license,
                "opens_at": definition.opens,
                "utc_offset": _offset(definition.opens) if definition.opens else timedelta(0),
                "scenes": written(definition.scenes),
            },
        )
        datasets[dataset.slug] = dataset
        if definition.slug in read:
            save_originals(dataset, read[definition.slug])
    return datasets


def _save_phase(
    challenge: Challenge,
    definition: PhaseDefinition,
    position: int,
    datasets: Mapping[str, Dataset],
    planned: Pictures,
) -> None:
    budget = definition.byte_budget
    if definition.max_bpp:
        budget = byte_budget(definition.max_bpp, definition.datasets, planned)
    closes_at = first_late_instant(definition.closes)
    _note_move(challenge, definition.slug, closes_at)
    phase, _ = Phase.objects.update_or_create(
        challenge=challenge,
        slug=definition.slug,
        defaults={
            "name": definition.name,
            "position": position,
            "opens_at": definition.opens,
            "closes_at": closes_at,
            "originals_open_at": definition.originals_open,
            "boards_open_at": definition.boards_open,
            "boards_frozen_from": definition.boards_frozen_from,
            "boards_frozen_until": definition.boards_frozen_until,
            "utc_offset": _offset(definition.closes),
            "byte_budget": budget,
            "max_bpp": definition.max_bpp,
            "board_rule": definition.board,
            "decoder_rule": definition.decoder,
            "decoders_from": _earlier(challenge, definition.decoders_from),
            "elsewhere": definition.elsewhere,
            "submissions_per_day": definition.submissions_per_day,
            "submissions_in_all": definition.submissions_in_all,
            "own_scores": definition.own_scores,
            "factsheet_closes_at": definition.factsheet_closes
            and first_late_instant(definition.factsheet_closes),
            "baselines": list(definition.baselines),
            "decoder_limits": written(definition.limits),
            "environments": written(definition.environments),
        },
    )
    phase.datasets.set([datasets[slug] for slug in definition.datasets])


def _save_series(challenge: Challenge, definitions: Sequence[SeriesTable]) -> None:
    challenge.series.exclude(slug__in=[series.slug for series in definitions]).delete()
    for position, definition in enumerate(definitions):
        series, _ = Series.objects.update_or_create(
            challenge=challenge,
            slug=definition.slug,
            defaults={
                "name": definition.name,
                "position": position,
                "curves": definition.curves,
                "references": [written(reference) for reference in definition.references],
            },
        )
        series.phases.set(challenge.phases.filter(slug__in=definition.phases))


def _note_move(challenge: Challenge, phase: str, closes_at: datetime) -> None:
    """Keep that a deadline moves which people may have seen."""
    for row in challenge.phases.filter(slug=phase).exclude(closes_at=closes_at):
        if not challenge.draft:
            now = timezone.now()
            row.deadline_moves.create(closed_at=row.closes_at, closes_at=closes_at, at=now)
            tell_move(row, closes_at, now)


def _earlier(challenge: Challenge, slug: str) -> Phase | None:
    """Return the phase of this slug, saved before; the definition's own check knows it is there."""
    return challenge.phases.get(slug=slug) if slug else None


def _offset(instant: datetime) -> timedelta:
    return instant.utcoffset() or timedelta(0)
