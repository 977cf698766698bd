"""What raters may say and are told beside their trials: a [study.voices] table."""

from dataclasses import asdict, dataclass
from enum import StrEnum
from typing import Annotated, Any
from urllib.parse import urlsplit

from django.core.exceptions import ValidationError
from django.core.validators import validate_email

from ratings.challenge.keys.checks import Wrong, text, url, whole
from ratings.comparisons.models import Study


class OwnResult(StrEnum):
    """What raters are told of their own answers at the end.

    Nothing; how often they agreed with the others; that and, once everybody may see the boards and
    which method made which picture, how they ranked the methods themselves.
    """

    NONE = "none"
    AGREEMENT = "agreement"
    RANKING = "ranking"


def reachable(value: object) -> str:
    """Check where raters reach the organizers: a mail address, or one of the web; or nothing."""
    address: str = text(longest=200, stripped=True)(value)
    if not address or urlsplit(address).scheme in ("http", "https"):
        return str(url(address))
    try:
        validate_email(address)
    except ValidationError as error:
        mend = "must be a mail address, or an address that begins with https://."
        raise Wrong(f"{address!r} {mend}") from error
    return address


@dataclass(frozen=True)
class Voices:
    """What raters may say and are told.

    A crop is paused once so many raters, `pause_after`, have flagged it. `contact` stands on every
    card; `comments` lets raters write a word at the end.
    """

    pause_after: Annotated[int, whole(1, 1000)] = 3
    contact: Annotated[str, reachable] = ""
    comments: bool = True
    own_result: OwnResult = OwnResult.NONE

    def said(self) -> dict[str, Any]:
        """Return the keys that say something else than is usual."""
        usual = asdict(USUAL_VOICES)
        return {key: value for key, value in asdict(self).items() if value != usual[key]}


USUAL_VOICES = Voices()


def voices_of(study: Study) -> Voices:
    """Return what a study says of its raters' voices; what is not there is as usual."""
    told = dict(study.voices)
    return Voices(**told | {"own_result": OwnResult(told.get("own_result", OwnResult.NONE))})
