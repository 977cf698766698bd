"""Writing a challenge out again as the definition file that gives it back."""

from collections.abc import Sequence
from datetime import datetime
from typing import Any

from ratings.challenge.calendar import announced_deadline
from ratings.challenge.definitions.definition import (
    AnnouncementDefinition,
    CalendarDefinition,
    DatasetDefinition,
    Definition,
    PhaseDefinition,
    emit,
)
from ratings.challenge.keys.decoder_environments import EnvironmentTable
from ratings.challenge.keys.decoder_limits import GivenLimits
from ratings.challenge.keys.retention import GivenRetention
from ratings.challenge.keys.scene_keys import read_scenes
from ratings.challenge.keys.series_keys import SeriesTable, read_references
from ratings.challenge.models import Challenge, Phase, Series


def challenge_toml(challenge: Challenge, studies: Sequence[dict[str, Any]] = ()) -> str:
    """Return the challenge as a definition file, with `studies` as its [[study]] tables.

    The folder of a data set's originals is called like its slug.
    """
    definition = Definition(
        slug=challenge.slug,
        name=challenge.name,
        summary=challenge.summary,
        description=challenge.description,
        forum=challenge.forum_url,
        license=challenge.license,
        doi=challenge.doi,
        organizers=tuple(challenge.organizers),
        sponsors=tuple(challenge.sponsors),
        draft=challenge.draft,
        retention=GivenRetention(**challenge.retention),
        calendar=tuple(
            CalendarDefinition(entry.title, entry.at.astimezone(entry.zone))
            for entry in challenge.calendar.all()
        ),
        announcements=tuple(
            AnnouncementDefinition(
                announcement.title, announcement.at.astimezone(announcement.zone), announcement.text
            )
            for announcement in challenge.announcements.order_by("at", "id")
        ),
        datasets=tuple(
            DatasetDefinition(
                d.slug,
                d.name,
                d.description,
                d.opens_at.astimezone(d.zone) if d.opens_at else None,
                d.license,
                d.slug if d.originals.exists() else "",
                read_scenes(d.scenes),
            )
            for d in challenge.datasets.order_by("id")
        ),
        phases=tuple(map(_dump_phase, challenge.phases.order_by("position"))),
        series=tuple(map(_dump_series, challenge.series.order_by("position"))),
        studies=tuple(studies),
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
        boards_frozen_from=announced(phase.boards_frozen_from),
        boards_frozen_until=announced(phase.boards_frozen_until),
        byte_budget=None if phase.max_bpp else phase.byte_budget,
        max_bpp=phase.max_bpp and phase.max_bpp.normalize(),
        board=phase.board_rule,
        decoder=phase.decoder_rule,
        decoders_from=phase.decoders_from.slug if phase.decoders_from else "",
        elsewhere=phase.elsewhere,
        submissions_per_day=phase.submissions_per_day,
        submissions_in_all=phase.submissions_in_all,
        own_scores=phase.own_scores,
        factsheet_closes=phase.factsheet_closes_at
        and announced_deadline(phase.factsheet_closes_at).astimezone(phase.zone),
        baselines=tuple(phase.baselines),
        limits=GivenLimits(**phase.decoder_limits),
        environments=tuple(EnvironmentTable(**table) for table in phase.environments),
    )


def _dump_series(series: Series) -> SeriesTable:
    return SeriesTable(
        slug=series.slug,
        name=series.name,
        phases=tuple(series.phases.order_by("position").values_list("slug", flat=True)),
        curves=series.curves,
        references=read_references(series.references),
    )
