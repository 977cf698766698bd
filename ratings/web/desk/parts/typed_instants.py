"""Instants as fields for date and time have them, without a zone: read and written. Pure."""

from datetime import datetime, tzinfo

# What a page can show in any zone.
FIRST_YEAR, LAST_YEAR = 2000, 2199


def typed_instant(text: str, zone: tzinfo) -> datetime | None:
    """Return what was typed, such as "2018-04-22T23:59:59", in a zone; None if it is no instant."""
    try:
        typed = datetime.fromisoformat(text.strip())
    except ValueError:
        return None
    if len(text.strip()) < len("2018-04-22T23:59"):
        return None  # a day alone
    at = typed if typed.tzinfo else typed.replace(tzinfo=zone)
    return at if FIRST_YEAR <= at.year <= LAST_YEAR else None


def filled_instant(at: datetime, zone: tzinfo) -> str:
    """Return an instant as a field has it, with seconds only where it has any."""
    local = at.astimezone(zone)
    return f"{local:%Y-%m-%dT%H:%M:%S}" if local.second else f"{local:%Y-%m-%dT%H:%M}"
