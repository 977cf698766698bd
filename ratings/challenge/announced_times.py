"""Instants in words, as they are announced: pure."""

from dataclasses import dataclass
from datetime import datetime, timedelta, tzinfo

from ratings.psychometrics.rounding import MINUS

SPACE = "\N{NO-BREAK SPACE}"


@dataclass(frozen=True)
class Moment:
    """An instant as announced: `iso` for machines, `text` with its own offset for people."""

    iso: str
    text: str


def moment(at: datetime, zone: tzinfo) -> Moment:
    """Return the instant in `zone`, such as "Fri 20 Apr 2018, 23:59:59 UTC-8"."""
    local = at.astimezone(zone)
    clock = f"{local:%H:%M:%S}" if local.second else f"{local:%H:%M}"
    day = f"{local:%a} {local.day}{SPACE}{local:%b}{SPACE}{local.year}"
    return Moment(local.isoformat(), f"{day}, {clock}{SPACE}{offset(local)}")


def offset(local: datetime) -> str:
    """Return the offset of an aware instant: "UTC", "UTC-8", "UTC+5:30"."""
    minutes = round((local.utcoffset() or timedelta()).total_seconds() / 60)
    if not minutes:
        return "UTC"
    hours, rest = divmod(abs(minutes), 60)
    return f"UTC{MINUS if minutes < 0 else '+'}{hours}" + (f":{rest:02d}" if rest else "")
