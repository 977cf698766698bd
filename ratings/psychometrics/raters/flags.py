"""Flags: what stands out about raters, for a person to look at. A flag excludes no rater."""

from dataclasses import dataclass

# Of the flags of a kind, so many are false on average; and so many honest crowds get any of it.
RATE = 0.01


@dataclass(frozen=True)
class Flag:
    """A finding about one or several raters that an honest crowd would hardly show.

    `raters` index those of the judgments; `statistic` is a standardized distance from what the
    crowd does, and `p_value` the chance of one so large from an honest rater, before allowing
    for how many were looked at; `message` says it plainly.
    """

    kind: str
    raters: tuple[int, ...]
    statistic: float
    p_value: float
    message: str
