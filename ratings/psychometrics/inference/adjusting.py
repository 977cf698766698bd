"""A ranking adjusted for what else moved the judgments: rate, position, fatigue, strata and so on.

It is fitted to judgments one by one, and stands beside the published one. docs/scoring.md says what
each covariate means.
"""

import hashlib
import json
from collections.abc import Iterator, Sequence
from dataclasses import asdict, dataclass, fields, replace
from typing import Any

import numpy as np
from scipy import special

from ratings.psychometrics.arrays import FloatArray, Numbers
from ratings.psychometrics.counts.circumstances import (
    DEVICE,
    FATIGUE,
    LAYOUT,
    NEEDED,
    POSITION,
    RATE,
    STRATA,
    Circumstances,
    Classes,
    Confounded,
    known_numbers,
    mix_weights,
)
from ratings.psychometrics.counts.cluster_levels import different
from ratings.psychometrics.counts.judgment_arrays import LEFT_WON, JudgmentArrays
from ratings.psychometrics.counts.tally import Tally
from ratings.psychometrics.inference.adjusted_errors import AdjustedErrors, adjusted_errors
from ratings.psychometrics.inference.fitting import PUBLISHED_DECIMALS, Fit, Settings, fit
from ratings.psychometrics.inference.standing import Estimate
from ratings.psychometrics.model.adjusted import LEAST_SHARE, Rows, maximum, untangled
from ratings.psychometrics.model.bradley_terry import scores
from ratings.psychometrics.model.connectivity import placement

_TRIALS = 100.0
_LEAST_RATERS = 2
_BY_ONE_THING = {
    RATE: "on every picture each method spends the same share more bytes than another, so nothing "
    "tells a liking for bytes from one for the method",
    POSITION: "each method stands on the same side against the same others",
}
_WITHOUT_EFFECT = "nothing in the judgments tells it from the scores"


@dataclass(frozen=True)
class Effect:
    """What a covariate does, in logarithms; `unit` says of what, and against which class.

    `se`, the interval at the ranking's level and `p_value`, that of no effect, are None where only
    one rater or picture tells.
    """

    name: str
    unit: str
    estimate: float
    se: float | None = None
    ci_low: float | None = None
    ci_high: float | None = None
    p_value: float | None = None


@dataclass(frozen=True, eq=False)
class Adjusted:
    """A ranking adjusted for `names`, and the effects that were taken out."""

    names: tuple[str, ...]
    fit: Fit
    effects: tuple[Effect, ...]


@dataclass(frozen=True, eq=False)
class _Column:
    """A covariate of each row, of sides or, as a `state`, of the judgment."""

    covariate: str
    name: str
    unit: str
    value: FloatArray
    state: bool


def effects_table(adjusted: Adjusted) -> list[dict[str, str | float | None]]:
    """Return the effects as they are published, with `PUBLISHED_DECIMALS` decimals."""
    return [
        {
            name: round(value, PUBLISHED_DECIMALS) + 0.0 if isinstance(value, float) else value
            for name, value in asdict(effect).items()
        }
        for effect in adjusted.effects
    ]


def adjustment(adjusted: Adjusted) -> dict[str, Any]:
    """Return what was taken out, for JSON."""
    return {"adjusted": list(adjusted.names), "effects": effects_table(adjusted)}


def effect_words(effect: Effect) -> str:
    """Return an effect as a line of text."""
    said = f"{effect.name}: {effect.estimate:.4f} {effect.unit}"
    if effect.ci_low is None or effect.ci_high is None or effect.p_value is None:
        return f"{said}, without an honest interval"
    p_value = "p < 0.001" if effect.p_value < 0.001 else f"p = {effect.p_value:.3f}"
    return f"{said} ({effect.ci_low:.4f} to {effect.ci_high:.4f}, {p_value})"


def fit_adjusted(
    judgments: JudgmentArrays,
    known: Circumstances,
    names: Sequence[str],
    settings: Settings | None = None,
) -> Adjusted:
    """Fit scores and effects together to judgments, with `known` in the same order.

    `names` are some of `circumstances.ADJUSTABLE`. Ties are half wins. Methods off the scale, and
    the order of groups, are as in the published ranking. Raises Confounded, with the reason, where
    the judgments can't tell a covariate from the methods or from another.
    """
    settings = replace(settings or Settings(), ties="half")
    tally = judgments.tally()
    chosen = placement(tally)
    kept = np.isin(judgments.left, chosen.placed) & np.isin(judgments.right, chosen.placed)
    if not kept.any():
        raise Confounded(", ".join(names), "no judgments link two methods both ways yet.")
    among, placed = judgments.among(chosen.placed), tally.keep(chosen.placed)
    columns, weight = _columns(among, known.where(kept), names)
    rows = _rows(among, columns, weight)
    point = _maximum(rows, columns, placed)
    errors = adjusted_errors(rows, point, placed, among.clusters())
    estimate = Estimate(point[: rows.methods], None, errors.scores if errors else None)
    fitted = fit(tally, settings, estimate)
    return Adjusted(
        names=tuple(names),
        fit=replace(fitted, input_sha256=_digest(tally, judgments, known, names)),
        effects=tuple(_effects(columns, point[rows.methods :], errors, settings.level)),
    )


def _columns(
    judgments: JudgmentArrays, known: Circumstances, names: Sequence[str]
) -> tuple[list[_Column], FloatArray]:
    """Return the covariates, those of sides first, and the weights of the judgments."""
    weight = mix_weights(known) if STRATA in names else np.ones(len(judgments))
    made = [column for name in names for column in _made(name, judgments, known)]
    centred = [
        replace(column, value=column.value - column.value @ weight / weight.sum())
        if column.state
        else column
        for column in made
    ]
    return sorted(centred, key=lambda column: column.state), weight


def _made(name: str, judgments: JudgmentArrays, known: Circumstances) -> Iterator[_Column]:
    """Yield the columns of one covariate."""
    if name == RATE:
        yield _rate(known)
    elif name == POSITION:
        side = np.ones(len(judgments))
        yield _Column(POSITION, POSITION, "log odds for the left", side, state=False)
    elif name == FATIGUE:
        trials = known_numbers(name, known.number, "the answer's place among the rater's")
        unit = "log sensitivity per 100 trials"
        yield _Column(FATIGUE, FATIGUE, unit, trials / _TRIALS, state=True)
    elif name == LAYOUT:
        yield from _of_classes(LAYOUT, known.layout, judgments)
    elif name == DEVICE:
        yield from _of_classes(DEVICE, known.device, judgments)


def _rate(known: Circumstances) -> _Column:
    left, right = (
        known_numbers(RATE, column, "the length of a side's bitstream")
        for column in (known.left_bytes, known.right_bytes)
    )
    doublings = np.log2(left / right)
    if not doublings.any():
        raise Confounded(RATE, "both sides always have equally many bytes, so rates are equal.")
    return _Column(RATE, RATE, "log odds per doubling of bytes", doublings, state=False)


def _of_classes(name: str, found: Classes | None, judgments: JudgmentArrays) -> Iterator[_Column]:
    """Yield a column for each class but the commonest, which the others are compared with."""
    if found is None:
        raise Confounded(name, f"it is not known of the judgments (column {name}).")
    count = np.bincount(found.number, minlength=len(found.labels))
    if missing := sum(count[i] for i, label in enumerate(found.labels) if not label):
        raise Confounded(name, f"it is missing in {missing} of {count.sum()} judgments.")
    present = sorted(np.flatnonzero(count), key=lambda i: (-count[i], found.labels[i]))
    if len(present) < 2:
        label = found.labels[present[0]]
        raise Confounded(name, f"all judgments were made with one ({label}): too few to compare.")
    rater, _ = judgments.clusters()
    who = "rater" if judgments.group is None else "group of raters"
    for number in present:
        if different(rater[found.number == number]) < _LEAST_RATERS:
            label = found.labels[number]
            raise Confounded(name, f"only one {who} has {label}: that is the {who} as much.")
    for number in sorted(present[1:], key=lambda i: found.labels[i]):
        unit = f"log sensitivity against {found.labels[present[0]]}"
        value = (found.number == number).astype(np.float64)
        yield _Column(name, f"{name} {found.labels[number]}", unit, value, state=True)


def _rows(judgments: JudgmentArrays, columns: Sequence[_Column], weight: FloatArray) -> Rows:
    sides, states = (
        np.array([column.value for column in columns if column.state == state])
        .reshape(-1, len(judgments))
        .T
        for state in (False, True)
    )
    return Rows(
        methods=len(judgments.methods),
        left=judgments.left,
        right=judgments.right,
        points=LEFT_WON[judgments.choice],
        weight=weight,
        sides=sides,
        states=states,
    )


def _maximum(rows: Rows, columns: Sequence[_Column], placed: Tally) -> FloatArray:
    """Return scores and effects, refusing what can't be told apart."""
    start = scores(placed.wins())
    for column, share in zip(columns, untangled(rows, start), strict=True):
        if share < LEAST_SHARE:
            why = _BY_ONE_THING.get(column.covariate, _WITHOUT_EFFECT)
            raise Confounded(column.covariate, f"{why}.")
    try:
        return maximum(rows, start)
    except ArithmeticError:
        raise Confounded(
            _boundless(rows, columns, start),
            "the judgments go with it so wholly that no finite effect is the likeliest.",
        ) from None


def _boundless(rows: Rows, columns: Sequence[_Column], start: FloatArray) -> str:
    """Return the first covariate that has no finite effect beside those before it."""
    sides, states = (
        np.array([column.covariate for column in columns if column.state == state], object)
        for state in (False, True)
    )
    *before, last = dict.fromkeys(column.covariate for column in columns)
    for count, name in enumerate(before, 1):
        kept = before[:count]
        some = replace(
            rows,
            sides=rows.sides[:, np.isin(sides, kept)],
            states=rows.states[:, np.isin(states, kept)],
        )
        try:
            maximum(some, start)
        except ArithmeticError:
            return name
    return last


def _effects(
    columns: Sequence[_Column], value: FloatArray, errors: AdjustedErrors | None, level: float
) -> Iterator[Effect]:
    for place, column in enumerate(columns):
        estimate = float(value[place])
        if errors is None:
            yield Effect(column.name, column.unit, estimate)
            continue
        se, dof = float(errors.se[place]), float(errors.dof[place])
        margin = se * float(special.stdtrit(dof, (1 + level) / 2))
        p_value = 2 * float(special.stdtr(dof, -abs(estimate) / se)) if se else 1.0
        bounds = estimate - margin, estimate + margin
        yield Effect(column.name, column.unit, estimate, se, *bounds, p_value)


def _digest(
    tally: Tally, judgments: JudgmentArrays, known: Circumstances, names: Sequence[str]
) -> str:
    """Return the SHA-256 (hex) of what is fitted, whatever the order of the judgments."""
    needed = {column for name in names for column in NEEDED[name]}
    columns: list[Numbers] = [judgments.left, judgments.right, judgments.choice]
    labels: dict[str, list[str]] = {}
    for name in sorted(needed & {field.name for field in fields(known)}):
        column = getattr(known, name)
        if isinstance(column, Classes):
            used = sorted({column.labels[i] for i in np.unique(column.number)})
            place = np.array([used.index(label) if label in used else 0 for label in column.labels])
            labels[name], column = used, place[column.number]
        columns.append(column)
    table = np.column_stack(columns).astype("<i8")
    table = table[np.lexsort(table.T[::-1])]
    said = json.dumps(["adjusted 1", tally.digest(), list(names), labels], ensure_ascii=True)
    return hashlib.sha256(said.encode() + np.ascontiguousarray(table).tobytes()).hexdigest()
