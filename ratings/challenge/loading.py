"""Loading a definition into the database, whole or not at all, and writing it out again."""

import hashlib
from collections import Counter
from collections.abc import Mapping, Sequence
from datetime import datetime, timedelta
from decimal import Decimal
from pathlib import Path
from typing import Any

from django.db import transaction
from django.db.models import ProtectedError

from ratings.challenge.calendar import announced_deadline, first_late_instant
from ratings.challenge.definition import (
    AnnouncementDefinition,
    CalendarDefinition,
    DatasetDefinition,
    Definition,
    PhaseDefinition,
    emit,
    parse,
)
from ratings.challenge.models import (
    Announcement,
    CalendarEntry,
    Challenge,
    Dataset,
    Original,
    Phase,
)
from ratings.challenge.originals import FACTS, Picture, read_folder
from ratings.challenge.refusals import Refused

Pictures = Mapping[str, Sequence[Picture]]  # by the slug of their data set


def load_definition(text: str, originals_root: Path) -> Challenge:
    """Create or update the challenge that `text` describes; the same text changes nothing.

    Folders of originals are relative to `originals_root`. A data set without a folder keeps the
    pictures that it has. Raises Refused with code "definition", "originals" or "in-use", and then
    nothing has changed.
    """
    definition = parse(text)
    read = _read_originals(definition, originals_root)
    try:
        with transaction.atomic():
            return _load(definition, read, hashlib.sha256(text.encode()).hexdigest())
    except ProtectedError as error:
        used_by = Counter(type(row)._meta.verbose_name for row in error.protected_objects)
        counts = ", ".join(f"{number} {name}" for name, number in used_by.items())
        raise Refused("in-use", f"What the definition drops is in use by {counts}.") from error


def dump(challenge: Challenge, studies: Sequence[dict[str, Any]] = ()) -> str:
    """Return the challenge as a definition file, with `studies` as its [[study]] tables.

    The folder of a data set's originals is called like its slug; a byte budget that was given as
    bpp stands there in bytes.
    """
    definition = Definition(
        slug=challenge.slug,
        name=challenge.name,
        summary=challenge.summary,
        description=challenge.description,
        forum=challenge.forum_url,
        calendar=tuple(
            CalendarDefinition(entry.title, entry.at.astimezone(entry.zone))
            for entry in challenge.calendar.all()
        ),
        announcements=tuple(
            AnnouncementDefinition(one.title, one.at.astimezone(one.zone), one.text)
            for one in challenge.announcements.order_by("at", "id")
        ),
        datasets=tuple(
            DatasetDefinition(
                d.slug,
                d.name,
                d.description,
                d.opens_at.astimezone(d.zone) if d.opens_at else None,
                d.slug if d.originals.exists() else None,
            )
            for d in challenge.datasets.order_by("id")
        ),
        phases=tuple(map(_dump_phase, challenge.phases.order_by("position"))),
        studies=list(studies),
    )
    return emit(definition)


def _dump_phase(phase: Phase) -> PhaseDefinition:
    def announced(at: datetime | None) -> datetime | None:
        return at.astimezone(phase.zone) if at else None

    return PhaseDefinition(
        slug=phase.slug,
        name=phase.name,
        datasets=tuple(phase.datasets.order_by("id").values_list("slug", flat=True)),
        opens=phase.opens_at.astimezone(phase.zone),
        closes=announced_deadline(phase.closes_at).astimezone(phase.zone),
        originals_open=announced(phase.originals_open_at),
        boards_open=announced(phase.boards_open_at),
        byte_budget=phase.byte_budget,
        max_bpp=None,
        board=phase.board_rule,
        decoder=phase.decoder_rule,
        decoders_from=phase.decoders_from.slug if phase.decoders_from else "",
        submissions_per_day=phase.submissions_per_day,
        submissions_in_all=phase.submissions_in_all,
        own_scores=phase.own_scores,
        factsheet_closes=phase.factsheet_closes_at
        and announced_deadline(phase.factsheet_closes_at).astimezone(phase.zone),
        baselines=tuple(phase.baselines),
        limits=phase.decoder_limits,
    )


def _read_originals(definition: Definition, root: Path) -> dict[str, list[Picture]]:
    read, problems = {}, []
    for dataset in definition.datasets:
        if dataset.originals is not None:
            try:
                read[dataset.slug] = read_folder(root / dataset.originals)
            except Refused as refused:
                problems += [f"[[dataset]] {dataset.slug}: {line}" for line in refused.problems]
    if problems:
        raise Refused("originals", *problems)
    return read


def _load(definition: Definition, read: Pictures, sha256: str) -> Challenge:
    challenge, _ = Challenge.objects.update_or_create(
        slug=definition.slug,
        defaults={
            "name": definition.name,
            "summary": definition.summary,
            "description": definition.description,
            "forum_url": definition.forum,
            "definition_sha256": sha256,
        },
    )
    # Locked, so that no submission begins in a phase while its pictures change.
    existing = list(Phase.objects.select_for_update().filter(challenge=challenge))
    current = _current(challenge)
    planned = {d.slug: read.get(d.slug, current.get(d.slug, [])) for d in definition.datasets}
    _refuse_what_breaks(definition, existing, current, planned)
    _save_calendar(challenge, definition.calendar)
    _save_announcements(challenge, definition.announcements)
    challenge.phases.update(decoders_from=None)  # set anew below; what is dropped may go
    challenge.phases.exclude(slug__in=[phase.slug for phase in definition.phases]).delete()
    datasets = _save_datasets(challenge, definition.datasets, read)
    for position, phase in enumerate(definition.phases):
        _save_phase(challenge, phase, position, datasets, planned)
    return challenge


def _current(challenge: Challenge) -> dict[str, list[Picture]]:
    pictures: dict[str, list[Picture]] = {}
    for slug, *facts in Original.objects.filter(dataset__challenge=challenge).values_list(
        "dataset__slug", *FACTS
    ):
        pictures.setdefault(slug, []).append(Picture(*facts))
    return pictures


def _refuse_what_breaks(
    definition: Definition, existing: Sequence[Phase], current: Pictures, planned: Pictures
) -> None:
    problems = []
    for phase in definition.phases:
        problems += [f"[[phase]] {phase.slug}: {line}" for line in _gaps(phase, planned)]
    if problems:
        raise Refused("definition", *problems)
    wanted = {phase.slug: phase.datasets for phase in definition.phases}
    for row in existing:
        if submissions := row.submissions.count():
            slugs = row.datasets.values_list("slug", flat=True)
            before = {(slug, p) for slug in slugs for p in current.get(slug, [])}
            after = {(slug, p) for slug in wanted.get(row.slug, ()) for p in planned[slug]}
            problems += _changes(row, submissions, before, after, dropped=row.slug not in wanted)
    if problems:
        raise Refused("in-use", *problems)


def _gaps(phase: PhaseDefinition, planned: Pictures) -> list[str]:
    names = Counter(p.name for slug in phase.datasets for p in planned[slug])
    problems = [
        f"datasets: {name} is in {count} of its data sets; rename it in all but one."
        for name, count in names.items()
        if count > 1
    ]
    if phase.max_bpp and not names:
        problems.append("max_bpp: its data sets have no pictures yet; write `byte_budget`.")
    return problems


def _changes(
    phase: Phase,
    submissions: int,
    before: set[tuple[str, Picture]],
    after: set[tuple[str, Picture]],
    *,
    dropped: bool,
) -> list[str]:
    if dropped:
        return [f"[[phase]] {phase.slug}: it has {submissions} submissions; keep it in the file."]
    changed = sorted({f"{slug}/{picture.name}" for slug, picture in before ^ after})
    if not changed:
        return []
    return [
        f"[[phase]] {phase.slug}: it has {submissions} submissions, so its pictures are fixed; "
        f"put back as they were: {', '.join(changed)}."
    ]


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
    challenge.announcements.filter(by="").delete()
    there = set(challenge.announcements.values_list("title", "at"))
    Announcement.objects.bulk_create(
        Announcement(
            challenge=challenge,
            title=one.title,
            text=one.text,
            at=one.at,
            utc_offset=_offset(one.at),
        )
        for one in announcements
        if (one.title, one.at) not in there
    )


def _save_datasets(
    challenge: Challenge, definitions: Sequence[DatasetDefinition], read: Pictures
) -> dict[str, Dataset]:
    challenge.datasets.exclude(slug__in=[dataset.slug for dataset in definitions]).delete()
    datasets = {}
    for definition in definitions:
        dataset, _ = Dataset.objects.update_or_create(
            challenge=challenge,
            slug=definition.slug,
            defaults={
                "name": definition.name,
                "description": definition.description,
                "opens_at": definition.opens,
                "utc_offset": _offset(definition.opens) if definition.opens else timedelta(0),
            },
        )
        datasets[dataset.slug] = dataset
        if definition.slug in read:
            _save_originals(dataset, read[definition.slug])
    return datasets


def _save_originals(dataset: Dataset, pictures: Sequence[Picture]) -> None:
    dataset.originals.exclude(name__in=[picture.name for picture in pictures]).delete()
    Original.objects.bulk_create(
        [Original(dataset=dataset, **vars(picture)) for picture in pictures],
        update_conflicts=True,
        unique_fields=["dataset", "name"],
        update_fields=[fact for fact in FACTS if fact != "name"],
    )


def _save_phase(
    challenge: Challenge,
    definition: PhaseDefinition,
    position: int,
    datasets: Mapping[str, Dataset],
    planned: Pictures,
) -> None:
    budget = definition.byte_budget
    if definition.max_bpp:
        pixels = sum(p.width * p.height for slug in definition.datasets for p in planned[slug])
        budget = int(definition.max_bpp * Decimal(pixels) / 8)
    phase, _ = Phase.objects.update_or_create(
        challenge=challenge,
        slug=definition.slug,
        defaults={
            "name": definition.name,
            "position": position,
            "opens_at": definition.opens,
            "closes_at": first_late_instant(definition.closes),
            "originals_open_at": definition.originals_open,
            "boards_open_at": definition.boards_open,
            "utc_offset": _offset(definition.closes),
            "byte_budget": budget,
            "board_rule": definition.board,
            "decoder_rule": definition.decoder,
            "decoders_from": _earlier(challenge, definition.decoders_from),
            "submissions_per_day": definition.submissions_per_day,
            "submissions_in_all": definition.submissions_in_all,
            "own_scores": definition.own_scores,
            "factsheet_closes_at": definition.factsheet_closes
            and first_late_instant(definition.factsheet_closes),
            "baselines": list(definition.baselines),
            "decoder_limits": dict(definition.limits),
        },
    )
    phase.datasets.set([datasets[slug] for slug in definition.datasets])


def _earlier(challenge: Challenge, slug: str) -> Phase | None:
    """Return the phase of this slug, saved before; the definition's own check knows it is there."""
    return challenge.phases.get(slug=slug) if slug else None


def _offset(instant: datetime) -> timedelta:
    return instant.utcoffset() or timedelta(0)
