"""The [[study]] tables of a challenge's definition file: checked together, saved, written out."""

import hashlib
from collections.abc import Sequence
from typing import Any

import numpy as np
from django.db import transaction

from ratings.challenge.definition import emit_table
from ratings.challenge.models import Challenge, Phase
from ratings.challenge.refusals import Refused
from ratings.challenge.tables import Table
from ratings.comparisons.agenda import draw
from ratings.comparisons.models import Study, Trial
from ratings.comparisons.participation import (
    participation_problems,
    read_participation,
    write_participation,
)
from ratings.comparisons.protocol import Protocol
from ratings.comparisons.protocol_tables import read_protocol, write_protocol
from ratings.psychometrics.pairing import Policy

DEFAULT_QUESTION = "Which is closer to the original?"
# Limits of the columns, and of what one page can hold.
MOST = {"crops_per_picture": 100, "trials_per_rater": 10_000, "seed": 2**63 - 1}
# Beyond it a scale's mean would leave no digits for the scores.
MOST_MEAN = 1_000_000
# The model's names of what [study.stop] says.
STOPS = {
    "separated": "stop_when_separated",
    "half_width": "stop_half_width",
    "judgments": "stop_judgments",
}
MOST_JUDGMENTS = 2**31 - 1
# What the crops follow from, by the keys of the file: fixed as soon as there are crops.
PLACING = {
    "crop_width": "crop_size",
    "crop_height": "crop_size",
    "crops_per_picture": "crops_per_picture",
    "seed": "seed",
    "pictures": "pictures",
    "placed_crops": "crops",
}

Fields = dict[str, Any]


def load_studies(challenge: Challenge, tables: Sequence[dict[str, Any]]) -> list[Study]:
    """Create or update a challenge's studies; all of them, or none.

    A study that `tables` no longer names stays. Raises Refused, code "definition", with every
    problem of every table.
    """
    problems: list[str] = []
    wanted = [_read(challenge, raw, number, problems) for number, raw in enumerate(tables, 1)]
    slugs = [fields["slug"] for fields in wanted]
    problems += [
        f"[[study]]: slug: {slug!r} stands there {slugs.count(slug)} times."
        for slug in dict.fromkeys(slugs)
        if slugs.count(slug) > 1
    ]
    if problems:
        raise Refused("definition", *problems)
    with transaction.atomic():
        return [_save(fields) for fields in wanted]


def _save(fields: Fields) -> Study:
    """Create or update a study; one that its rule closed opens again when the rule changes."""
    before = Study.objects.filter(slug=fields["slug"], stopped_at__isnull=False).first()
    if before and any(getattr(before, name) != fields[name] for name in STOPS.values()):
        fields = fields | {"is_open": True, "stopped_at": None, "stopped_reason": ""}
    return Study.objects.update_or_create(slug=fields["slug"], defaults=fields)[0]


def dump_study(study: Study) -> dict[str, Any]:
    """Return the [[study]] table that gives this study back."""
    stop = {key: value for key, name in STOPS.items() if (value := getattr(study, name))}
    return {
        "phase": study.phase.slug,
        "slug": study.slug,
        "name": study.name,
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
        **({"stop": stop} if stop else {}),
        **write_protocol(study.how),
    }


def study_toml(study: Study) -> str:
    """Return the study's [[study]] table with every key: equal studies, equal texts."""
    return "\n".join(emit_table("study", dump_study(study))) + "\n"


def digest(study: Study) -> str:
    """Return the SHA-256, in hex, of the study's definition."""
    return hashlib.sha256(study_toml(study).encode()).hexdigest()


def _read(challenge: Challenge, raw: dict[str, Any], number: int, problems: list[str]) -> Fields:
    """Return a table as the model's fields; note its problems."""
    table = Table(raw, f"[[study]] {raw.get('slug') or number}", [])
    blank = Study()
    width, height = table.size("crop_size", default=(blank.crop_width, blank.crop_height))
    phase = table.slug("phase")
    fields: Fields = {
        "slug": table.slug("slug"),
        "name": table.text("name", longest=200),
        "question": table.text("question", longest=200, default=DEFAULT_QUESTION),
        "consent": table.text("consent", multiline=True).strip(),
        "crop_width": width,
        "crop_height": height,
        "ties_allowed": table.switch("ties_allowed", default=blank.ties_allowed),
        **_shown(table, blank),
        **_paired(table, blank),
        **_stopped(table.table("stop")),
        **read_participation(table),
        "protocol": read_protocol(table).as_json(),
    }
    for key in MOST:
        fields[key] = table.positive_integer(key) or getattr(blank, key)
    table.refuse_unknown()
    found = table.problems or _contradictions(challenge, phase, fields)
    problems += [line if line.startswith("[[") else f"{table.where}: {line}" for line in found]
    return fields | {"phase": challenge.phases.filter(slug=phase).first()}


def _shown(table: Table, blank: Study) -> Fields:
    """Return how ties are fitted and on which scale the ranking is shown."""
    ties, scales = Study.TieModel.values, Study.Scale.values
    chosen = table.choice("scale", scales, default=blank.scale)
    mean = table.number("scale_mean", most=MOST_MEAN)
    if mean is not None and chosen in scales and chosen != Study.Scale.ELO:
        table.note(
            "scale_mean", f'the {chosen} scale has mean 0; leave it out, or write scale = "elo".'
        )
    return {
        "tie_model": table.choice("tie_model", ties, default=blank.tie_model),
        "scale": chosen,
        "scale_mean": blank.scale_mean if mean is None else mean,
    }


def _paired(table: Table, blank: Study) -> Fields:
    """Return which pair comes next, and the share of trials that don't depend on judgments."""
    share = table.number("exploration", most=1)
    if share is not None and share < 0:
        table.note("exploration", "it must be a share from 0 to 1, such as 0.1.")
    return {
        "pairing": table.choice("pairing", list(Policy), default=blank.pairing),
        "exploration": blank.exploration if share is None else share,
    }


def _stopped(table: Table) -> Fields:
    """Return when the study closes by itself."""
    half_width = table.positive_number("half_width")
    judgments = table.positive_integer("judgments")
    if judgments is not None and judgments > MOST_JUDGMENTS:
        table.note("judgments", f"it must be at most {MOST_JUDGMENTS}.")
    fields = {
        "stop_when_separated": table.switch("separated", default=False),
        "stop_half_width": None if half_width is None else float(half_width),
        "stop_judgments": judgments,
    }
    table.refuse_unknown()
    return fields


def _contradictions(challenge: Challenge, phase_slug: str, fields: Fields) -> list[str]:
    """Return what a sound table says against its limits, the challenge, or the study it updates."""
    problems = [
        f"{key}: it must be at most {most}." for key, most in MOST.items() if fields[key] > most
    ]
    phase = challenge.phases.filter(slug=phase_slug).first()
    if phase is None:
        problems.append(
            f"phase: there is no [[phase]] {phase_slug!r}; define it or correct the name."
        )
    else:
        problems += participation_problems(phase, fields)
    problems += _checked_in_vain(fields["trials_per_rater"], Protocol.from_json(fields["protocol"]))
    existing = Study.objects.filter(slug=fields["slug"]).select_related("phase").first()
    if existing is None:
        return problems
    if existing.phase.challenge_id != challenge.pk:
        return [*problems, "slug: a study of another challenge has it; take another."]
    return problems + _changes(existing, phase, fields)


def _checked_in_vain(trials: int, how: Protocol) -> list[str]:
    """Return what is wrong where raters are checked, and too seldom for the rule to look."""
    kinds = draw(min(trials, MOST["trials_per_rater"]), how.checks, np.random.default_rng(0))
    golden, repeats = kinds.count(Trial.Kind.GOLDEN), kinds.count(Trial.Kind.REPEAT)
    least = how.screening.least_checks
    if not how.screening.quality or not golden or not repeats or min(golden, repeats) >= least:
        return []
    return [
        f"screening.least_checks: {trials} trials hold {golden} golden trials and {repeats} "
        f"repeats, so a rule that looks from {least} of each on would never look; lower it, raise "
        "the shares in checks, or set screening.quality = 0."
    ]


def _changes(existing: Study, phase: Phase | None, fields: Fields) -> list[str]:
    """Return what would change although the study's crops or answers depend on it."""
    problems = []
    if phase != existing.phase and existing.entries.exists():
        problems.append("phase: it has entries, so its phase is fixed; take another slug.")
    changed = [key for name, key in PLACING.items() if getattr(existing, name) != fields[name]]
    if changed and existing.crops.exists():
        keys = ", ".join(dict.fromkeys(changed))
        problems.append(f"{keys}: pictures are cropped, so this is fixed; take another slug.")
    before, after = _shown_as(existing), _shown_as(Study(**fields))
    changed = [key for key in before if before[key] != after[key]]
    if changed and Trial.objects.filter(rater__study=existing).exists():
        problems += [
            f"{key}: trials were issued with {before[key]}, so this is fixed; put that back, or "
            "take another slug."
            for key in changed
        ]
    return problems


def _shown_as(study: Study) -> dict[str, str]:
    """Return how a trial looks, what may be answered and what is kept, as the file writes it."""
    how: Protocol = study.how
    return {
        "layout": f'"{how.layout}"',
        "enlarge": str(how.enlarge),
        "ties_allowed": str(study.ties_allowed).lower(),
        # Answers are dropped as they come: one ranking must not mix two rules.
        "screening.drop_under_ms": str(how.screening.drop_under_ms),
        "screening.drop_unflipped": str(how.screening.drop_unflipped).lower(),
    }
