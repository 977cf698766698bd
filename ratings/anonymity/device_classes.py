"""Devices by class: what a released judgment tells of what it was made on."""

# CSS pixels of the screen's shorter side, from which on it is no phone's: the widest phones have
# 480, the smallest tablets 600.
LEAST_PIXELS = 600
PHONE, LARGER, OTHER = "phone", "larger", "other"


def device_class(width: int | None, height: int | None) -> str:
    """Return the class of a device by its screen, in CSS pixels; "other" where it isn't known."""
    if width is None or height is None:
        return OTHER
    return PHONE if min(width, height) < LEAST_PIXELS else LARGER
