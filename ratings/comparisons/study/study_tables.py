"""The [[study]] tables of a challenge's definition file: checked together, saved, written out."""

import hashlib
from collections.abc import Mapping, Sequence
from typing import Any

from django.db.models import Q

from ratings.challenge.definitions.definition import emit_table
from ratings.challenge.keys.tables import TomlTable, written
from ratings.challenge.models import Challenge, Phase
from ratings.challenge.names import slug_problems
from ratings.challenge.refusals import Refused
from ratings.comparisons.locking import lock_studies, locking, note_change
from ratings.comparisons.models import Study
from ratings.comparisons.participation import (
    PictureSizes,
    participation_problems,
    write_participation,
)
from ratings.comparisons.protocol import Protocol
from ratings.comparisons.questionnaire.study_questions import (
    answered_questions,
    change_problems,
    language_problems,
    quota_problems,
)
from ratings.comparisons.session_plan import checked_in_vain
from ratings.comparisons.study.adjusting_keys import (
    ADJUSTING,
    adjusting_is_fixed,
    adjusting_problems,
    beside_judgments,
)
from ratings.comparisons.study.entries import let_go
from ratings.comparisons.study.moving_crops import against_moving, move_crops
from ratings.comparisons.study.picture_strata import strata_problems
from ratings.comparisons.study.pilot_keys import dump_pilot, pilot_problems, stage_after
from ratings.comparisons.study.recruiter_keys import dump_recruiters, recruiter_problems
from ratings.comparisons.study.shown_keys import shown_as, trials_of_main
from ratings.comparisons.study.study_keys import StudyTable
from ratings.submissions.models import Submission

# The model's names of what [study.stop] says.
STOPS = {
    "separated": "stop_when_separated",
    "half_width": "stop_half_width",
    "judgments": "stop_judgments",
}
# What the crops follow from, by the keys of the file: fixed as soon as there are crops. Their own
# places are not: see `moving_crops`.
PLACING = {
    "crop_width": "crop_size",
    "crop_height": "crop_size",
    "crops_per_picture": "crops_per_picture",
    "seed": "seed",
    "pictures": "pictures",
}

Fields = dict[str, Any]


def load_studies(challenge: Challenge, tables: Sequence[dict[str, Any]]) -> list[Study]:
    """Create or update a challenge's studies; all of them, or none.

    A study that `tables` no longer names stays. Raises Refused, code "definition", with every
    problem of every table.
    """
    pictures = {phase.slug: _pictures(phase) for phase in challenge.phases.all()}
    series = {
        one.slug: list(one.phases.values_list("slug", flat=True)) for one in challenge.series.all()
    }
    wanted, problems = read_studies(challenge.slug, pictures, series, tables)
    if problems:
        raise Refused("definition", *problems)
    return save_studies(challenge, wanted)


def read_studies(
    challenge: str,
    pictures: Mapping[str, PictureSizes],
    series: Mapping[str, Sequence[str]],
    tables: Sequence[dict[str, Any]],
) -> tuple[list[Fields], list[str]]:
    """Return each table as what `save_studies` takes, and every problem of every table.

    `challenge` is the slug of the challenge, which need not be there yet; `pictures` has those of
    each of its phases, by the phase's slug, `series` the slugs of phases of each of its series.
    """
    problems: list[str] = []
    wanted = [
        _read(challenge, pictures, series, raw, number, problems)
        for number, raw in enumerate(tables, 1)
    ]
    slugs = [fields["slug"] for fields in wanted if fields["slug"]]
    problems += [
        f"[[study]]: slug: {slug!r} stands there {slugs.count(slug)} times."
        for slug in dict.fromkeys(slugs)
        if slugs.count(slug) > 1
    ]
    alike = Q(*(("slug__iexact", slug) for slug in slugs), _connector=Q.OR)
    there = set(Study.objects.filter(alike).values_list("slug", flat=True)) if slugs else set()
    twins = slug_problems(slugs, there)
    problems += [f"[[study]] {slug}: slug: {line}" for slug, line in twins.items()]
    return wanted, problems


def save_studies(challenge: Challenge, wanted: Sequence[Fields]) -> list[Study]:
    """Create or update studies that nothing stands against; all of them, or none."""
    phases = {phase.slug: phase for phase in challenge.phases.all()}
    series = {one.slug: one for one in challenge.series.all()}
    with locking():
        # In the order of their keys, not in the file's.
        slugs = [fields["slug"] for fields in wanted]
        before = {study.slug: study for study in lock_studies(Q(slug__in=slugs))}
        placed = [
            fields | {"phase": phases[fields["phase"]], "series": series.get(fields["series"])}
            for fields in wanted
        ]
        return [_save(fields, before.get(fields["slug"])) for fields in placed]


def _pictures(phase: Phase) -> PictureSizes:
    datasets = phase.datasets.prefetch_related("originals")
    return {
        dataset.slug: {one.name: (one.width, one.height) for one in dataset.originals.all()}
        for dataset in datasets
    }


def _save(fields: Fields, before: Study | None) -> Study:
    """Create or update a study; one that its rule closed opens again when the rule changes."""
    restarts = before and any(getattr(before, name) != fields[name] for name in STOPS.values())
    if before and before.stopped_at and restarts:
        fields = fields | {"is_open": True, "stopped_at": None, "stopped_reason": ""}
    fields = fields | {"stage": stage_after(before, fields["pilot"])}
    study, _ = Study.objects.update_or_create(slug=fields["slug"], defaults=fields)
    if before and beside_judgments(before) != beside_judgments(study):
        note_change(study.pk)
    if before and before.methods != study.methods:
        let_go(study)
    if before and before.placed_crops != study.placed_crops:
        move_crops(before, study)
    return study


def dump_study(study: Study) -> dict[str, Any]:
    """Return the [[study]] table that gives this study back."""
    stop = {key: value for key, name in STOPS.items() if (value := getattr(study, name))}
    return {
        "phase": study.phase.slug,
        "slug": study.slug,
        "name": study.name,
        **({"series": study.series.slug} if study.series else {}),
        "question": study.question,
        "consent": study.consent,
        **write_participation(study),
        "crop_size": [study.crop_width, study.crop_height],
        "crops_per_picture": study.crops_per_picture,
        "trials_per_rater": study.trials_per_rater,
        "seed": study.seed,
        "ties_allowed": study.ties_allowed,
        "tie_model": study.tie_model,
        "scale": study.scale,
        **({"scale_mean": study.scale_mean} if study.scale == Study.Scale.ELO else {}),
        "pairing": study.pairing,
        "exploration": study.exploration,
        **({"adjust": study.adjust} if study.adjust else {}),
        **({"strata": study.strata} if study.strata else {}),
        **({"stop": stop} if stop else {}),
        **dump_pilot(study),
        **dump_recruiters(study),
        **({"voices": study.voices} if study.voices else {}),
        **({"devices": study.devices} if study.devices else {}),
        **({"questionnaire": study.questionnaire} if study.questionnaire else {}),
        **written(study.protocol),
    }


def study_toml(study: Study) -> str:
    """Return the study's [[study]] table with every key: equal studies, equal texts."""
    return "\n".join(emit_table("study", dump_study(study))) + "\n"


def study_digest(study: Study) -> str:
    """Return the SHA-256, in hex, of the study's definition."""
    return hashlib.sha256(study_toml(study).encode()).hexdigest()


def _read(
    challenge: str,
    pictures: Mapping[str, PictureSizes],
    series: Mapping[str, Sequence[str]],
    raw: dict[str, Any],
    number: int,
    problems: list[str],
) -> Fields:
    """Return a table as the model's fields, its phase as a slug; note its problems."""
    table = TomlTable(raw, f"[[study]] {raw.get('slug') or number}")
    fields = table.read(StudyTable).model_fields(table.read(Protocol))
    table.refuse_unknown()
    more = _contradictions(table, challenge, pictures, series, fields)
    problems += [*table.problems, *(f"{table.where}: {line}" for line in more)]
    return fields


def _contradictions(
    table: TomlTable,
    challenge: str,
    pictures: Mapping[str, PictureSizes],
    series: Mapping[str, Sequence[str]],
    fields: Fields,
) -> list[str]:
    """Return what the sound keys say against limits, the challenge, or the study they update."""
    problems: list[str] = []
    slug = fields["phase"]
    if slug in pictures:
        compared = {slug, *series.get(fields["series"], [])}
        rows = Submission.objects.filter(phase__challenge__slug=challenge, phase__slug__in=compared)
        methods = set(rows.values_list("method", flat=True))
        problems += participation_problems(pictures[slug], methods, fields)
        problems += strata_problems(pictures[slug], fields["strata"])
    elif table.sound("phase"):
        problems.append(f"phase: there is no [[phase]] {slug!r}; define it or correct the name.")
    if table.sound("series", "phase"):
        problems += _series_problems(fields["series"], slug, series)
    if table.sound("trials_per_rater", "checks", "screening"):
        protocol = Protocol.from_json(fields["protocol_json"])
        problems += checked_in_vain(fields["trials_per_rater"], protocol)
    if table.sound("questionnaire", "languages"):
        problems += language_problems(fields) + quota_problems(fields)
    existing = Study.objects.filter(slug=fields["slug"]).select_related("phase__challenge").first()
    if table.sound("recruiter", "recruiting"):
        protocol = Protocol.from_json(fields["protocol_json"])
        problems += recruiter_problems(fields["recruiters"], protocol, existing)
    if existing is None:
        return problems
    if existing.phase.challenge.slug != challenge:
        return [*problems, "slug: a study of another challenge has it; take another."]
    return problems + _changes(table, existing, fields)


def _series_problems(slug: str, phase: str, series: Mapping[str, Sequence[str]]) -> list[str]:
    """Return what is wrong with the series whose rates a study of a phase compares."""
    if not slug or phase in series.get(slug, []):
        return []
    if slug not in series:
        return [f"series: there is no [[series]] {slug!r}; define it or correct the name."]
    return [f"series: {slug!r} has no phase {phase!r}; name one of its phases as the study's."]


def _changes(table: TomlTable, existing: Study, fields: Fields) -> list[str]:
    """Return what would change although the study's crops or answers depend on it."""
    problems = []
    has_entries = existing.entries.exists()
    if existing.phase.slug != fields["phase"] and has_entries:
        problems.append("phase: it has entries, so its phase is fixed; take another slug.")
    if (existing.series.slug if existing.series else "") != fields["series"] and has_entries:
        problems.append("series: it has entries, so its series is fixed; take another slug.")
    placing = {name: key for name, key in PLACING.items() if table.sound(key)}
    changed = [key for name, key in placing.items() if getattr(existing, name) != fields[name]]
    if changed and existing.crops.exists():
        keys = ", ".join(dict.fromkeys(changed))
        problems.append(f"{keys}: pictures are cropped, so this is fixed; take another slug.")
    elif table.sound("crops", "crop_size"):
        problems += [f"crops: {line}" for line in against_moving(existing, fields["placed_crops"])]
    problems += pilot_problems(existing, fields["pilot"]) if table.sound("pilot") else []
    if table.sound("questionnaire"):
        problems += change_problems(existing, fields["questionnaire"])
    problems += adjusting_problems(existing, fields, filter(table.sound, ADJUSTING))
    shown = {name: value for name, value in fields.items() if name not in ("phase", "series")}
    before, after = shown_as(existing), shown_as(Study(**shown))
    sound = [key for key in before if table.sound(key.partition(".")[0])]
    changed = [key for key in sound if before[key] != after[key]]
    if changed and trials_of_main(existing).exists():
        problems += [
            f"{key}: trials were issued with {before[key]}, so this is fixed; put that back, or "
            "take another slug."
            for key in changed
        ]
    return problems


def fixed_in(study: Study) -> dict[str, str]:
    """Return why each key that can't change any more is fixed, by the keys of the file."""
    fixed = {"slug": "It stands in the address that raters have."}
    if study.entries.exists():
        fixed |= dict.fromkeys(("phase", "series"), "The study has entries.")
    if study.crops.exists():
        fixed |= dict.fromkeys(PLACING.values(), "Pictures are cropped.")
    if adjusting_is_fixed(study):
        fixed |= dict.fromkeys(ADJUSTING, "The boards are open.")
    if trials_of_main(study).exists():
        fixed |= dict.fromkeys(shown_as(study), "Trials were issued with it.")
    for question in answered_questions(study):
        fixed[f"questionnaire {question}"] = "It has answers: of it only words may change."
    return fixed
