"""What becomes of each column of the judgments in a public release, declared once.

The released file and the table in docs/privacy.md follow from here.
"""

from collections.abc import Mapping
from dataclasses import dataclass

KEPT = "as it is"
DROPPED = "left out"


@dataclass(frozen=True)
class ColumnRule:
    """One column as organizers have it: what it is called in a release ("": left out), and how."""

    released: str
    how: str


def _kept(*names: str) -> dict[str, ColumnRule]:
    return {name: ColumnRule(name, KEPT) for name in names}


def _dropped(*names: str) -> dict[str, ColumnRule]:
    return dict.fromkeys(names, ColumnRule("", DROPPED))


# By the columns of organizers' judgments, in their order.
COLUMN_RULES: Mapping[str, ColumnRule] = {
    **_dropped("judgment_id", "trial_id"),
    "rater": ColumnRule("rater", "a random name of this release alone"),
    **_kept("image", "dataset", "crop_x", "crop_y", "crop_width", "crop_height"),
    **_kept("left", "right", "choice", "kind"),
    "response_ms": ColumnRule("response_ms", "rounded to tenths of a second"),
    **_dropped("issued_at"),
    "judged_at": ColumnRule("day", "whole days since the rater's first answer"),
    **_kept("excluded"),
    "exclusion_reason": ColumnRule(
        "exclusion_reason", 'one of "dropped by a rule", "rater not used", "method left"'
    ),
    **_kept("simulated"),
    "number": ColumnRule("number", "the answer's place among the rater's, from 1"),
    **_dropped("training_attempt", "attempt"),
    "undone_at": ColumnRule("", "left out, with the answers that raters took back"),
    **_kept("fast"),
    **_dropped("rater_state"),
    "language": ColumnRule("language", '"other" where cells are small'),
    **_dropped("study_sha256", "software_version", "visit", "browser"),
    **_kept("method_out", "scene"),
    "group": ColumnRule(
        "group", "a random name of this release alone; empty for whoever is alone in theirs"
    ),
    **_kept("left_bytes", "right_bytes", "stratum", "stratum_pictures", "dataset_pictures"),
    "own_team": ColumnRule("", "left out: a team's members are few"),
    **_dropped("device_pixel_ratio", "zoom", "window_width", "window_height"),
    "screen_width": ColumnRule(
        "device", 'phone or larger, by the first visit\'s screen; "other" where cells are small'
    ),
    **_dropped(
        "screen_height", "layout", "arrangement", "enlarge", "magnified", "pans", "shown_first"
    ),
    "flips": ColumnRule("flips", "at most 20"),
    **_dropped("flip_ms", "first_input_ms", "shown_at", "answered_at", "hidden_ms"),
    **_dropped("hidden_count", "covered_ms", "covered_count", "input"),
}
RELEASED_COLUMNS = [rule.released for rule in COLUMN_RULES.values() if rule.released]
MOST_FLIPS = 20


def tenths(milliseconds: int) -> int:
    """Return a duration in whole ms, rounded to tenths of a second, halves up."""
    return (milliseconds + 50) // 100 * 100
