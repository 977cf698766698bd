"""Judgments row by row through the models, as an oracle of what the database writes at once."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any
from uuid import UUID

from ratings.challenge.models import Original
from ratings.comparisons.judgment_facts import DISPLAY_NAMES
from ratings.comparisons.models import (
    CropVersion,
    Decision,
    Judgment,
    Rater,
    Recruit,
    Study,
    Trial,
    Visit,
)
from ratings.comparisons.protocol import UNKNOWN, Protocol
from ratings.comparisons.study.entries import WHY_LEFT, left_study
from ratings.comparisons.study.picture_strata import picture_strata
from ratings.comparisons.study.presentation import Version, contenders

_RELATED = (
    *(
        "trial__rater__study",
        "trial__rater__invitation",
        "trial__crop__original__dataset",
        "trial__version",
    ),
    *("trial__pair__first", "trial__pair__second", "trial__entry"),
)


@dataclass(frozen=True)
class _Known:
    """What rows say of the study and its raters, read once.

    `reasons` are of raters who are not used, `gone` says of entries that have left why, `browsers`
    are of visits by rater and number.
    """

    protocol: Protocol
    reasons: Mapping[UUID, str]
    gone: Mapping[int, str]
    browsers: Mapping[tuple[UUID, int], str]


def plain_rows(study: Study) -> Iterator[dict[str, Any]]:
    """Yield every judgment of the study in the order it was stored."""
    known = _Known(study.protocol, _reasons(study), _gone(study), _browsers(study))
    judgments = Judgment.objects.filter(trial__rater__study=study).order_by("id")
    for judgment in judgments.select_related(*_RELATED):
        yield _row(judgment, known)


def _row(judgment: Judgment, known: _Known) -> dict[str, Any]:
    trial, facts = judgment.trial, judgment.display
    crop, rater, version = trial.crop, trial.rater, trial.version
    left, right = _names(trial)
    of_answer = _exclusion(judgment, known)
    reason = of_answer or _leaving(trial, known)
    row = {
        "judgment_id": judgment.pk,
        "trial_id": str(trial.pk),
        "rater": rater.pk.hex,
        "image": crop.original.name,
        "dataset": crop.original.dataset.slug,
        "crop_x": crop.x,
        "crop_y": crop.y,
        "crop_width": crop.width,
        "crop_height": crop.height,
        "left": left,
        "right": right,
        "choice": judgment.choice,
        "kind": trial.kind,
        "response_ms": judgment.response_ms,
        "issued_at": trial.issued_at.isoformat(),
        "judged_at": judgment.judged_at.isoformat(),
        "excluded": reason is not None,
        "exclusion_reason": reason or "",
        "simulated": rater.simulated,
        "number": trial.number,
        "training_attempt": trial.training_attempt,
        "attempt": judgment.attempt,
        "undone_at": judgment.undone_at.isoformat() if judgment.undone_at else None,
        "fast": known.protocol.is_fast(judgment.response_ms, facts.get("flips", UNKNOWN)),
        "rater_state": rater.state,
        "language": rater.language,
        "study_sha256": version.sha256 if version else None,
        "software_version": version.software_version if version else None,
        "visit": facts.get("visit"),
        "browser": known.browsers.get((rater.pk, facts.get("visit", 0))),
        "method_out": reason != of_answer,
    }
    levels = {"scene": _scene(crop.original), "group": _group(rater)}
    row |= {name: facts.get(name) for name in DISPLAY_NAMES} | levels
    return row | _adjustable(trial)


def _scene(original: Original) -> str | None:
    """Return the scene of a picture, without stars in the names of pictures."""
    for scene in original.dataset.scenes:
        if original.name in scene["pictures"]:
            return str(scene["name"])
    return None


def _group(rater: Rater) -> str | None:
    """Return the group of a rater: kept, or of the invitation, or of the platform."""
    platforms = {one.slug: one.group for one in rater.study.protocol.recruiting.platforms}
    recruit = Recruit.objects.filter(rater=rater).first()
    of_link = rater.invitation.group if rater.invitation else ""
    return rater.group or of_link or (platforms[recruit.platform] if recruit else "") or None


def _adjustable(trial: Trial) -> dict[str, Any]:
    """Return what a ranking may be adjusted for."""
    pair, picture = trial.pair, trial.crop.original
    sides = [pair.first, pair.second] if pair else [trial.entry, trial.entry]
    sizes = [
        entry.submission.bitstreams.filter(original=picture).first() if entry else None
        for entry in (sides if trial.first_left else sides[::-1])
    ]
    stratum = picture_strata(trial.rater.study)[picture.pk]
    return {
        "left_bytes": sizes[0] and sizes[0].size_bytes,
        "right_bytes": sizes[1] and sizes[1].size_bytes,
        "stratum": stratum.name,
        "own_team": trial.rater.own_team and trial.rater.own_team.name,
        "stratum_pictures": stratum.pictures,
        "dataset_pictures": stratum.in_dataset,
    }


def _names(trial: Trial) -> tuple[str, str]:
    """Return what stood on the left and on the right: methods, the original, or it degraded."""
    labels = {trial.entry_id: trial.entry.label} if trial.entry else {}
    if trial.pair:
        pair = trial.pair
        labels |= {pair.first_id: pair.first.label, pair.second_id: pair.second.label}

    def name(version: Version) -> str:
        _, kind, entry, level = version
        if kind == CropVersion.Kind.DEGRADED:
            return f"original degraded {level}"
        return "original" if kind == CropVersion.Kind.HIDDEN else labels[entry]

    left, right = contenders(trial)
    return name(left), name(right)


def _exclusion(judgment: Judgment, known: _Known) -> str | None:
    """Return why a judgment does not count, whatever its trial's kind; None where it may."""
    if judgment.undone_at is not None:
        return "undone by the rater"
    if judgment.excluded:
        return judgment.exclusion_reason or "excluded"
    return known.reasons.get(judgment.trial.rater_id)


def _leaving(trial: Trial, known: _Known) -> str | None:
    """Return why a comparison is not ranked whoever judged it; None where it may be."""
    if trial.kind != Trial.Kind.COMPARISON or trial.pair is None:
        return None
    entries = (trial.pair.first_id, trial.pair.second_id)
    return next((known.gone[entry] for entry in entries if entry in known.gone), None)


def _gone(study: Study) -> dict[int, str]:
    why = {excluded.submission_id: WHY_LEFT[excluded.kind] for excluded in left_study(study)}
    entries = study.entries.filter(submission__in=why).values_list("pk", "label", "submission")
    return {pk: f"{label} is {why[submission]}" for pk, label, submission in entries}


def _reasons(study: Study) -> dict[UUID, str]:
    """Return why each rater who is not used is not, in the words of the decision that holds."""
    out = study.raters.exclude(state=Rater.State.USED)
    decided = Decision.objects.filter(rater__in=out).order_by("pk")
    words = dict(decided.values_list("rater", "reason"))
    return {
        rater.pk: ": ".join(filter(None, [f"rater {_STATES[rater.state]}", words.get(rater.pk)]))
        for rater in out
    }


_STATES: Mapping[str, str] = {Rater.State.NOT_USED: "not used", Rater.State.REJECTED: "rejected"}


def _browsers(study: Study) -> dict[tuple[UUID, int], str]:
    visits = Visit.objects.filter(rater__study=study).exclude(browser="")
    return {(rater, n): b for rater, n, b in visits.values_list("rater", "number", "browser")}
