"""From where a page is looked at: when, and as whom. In a preview neither is the asker's own.

Pages for everybody and for teams ask here for the time and for who asks, and nowhere else.
"""

from dataclasses import dataclass
from datetime import datetime, tzinfo

from django.http import HttpRequest
from django.urls import get_script_prefix
from django.utils import timezone

from ratings.challenge.models import Team
from ratings.web.parts.words.formatting import Moment, moment

HELD = "preview_held"


@dataclass(frozen=True)
class Preview:
    """A challenge's pages as somebody else sees them at an instant.

    Without a team that is a visitor. `leave` is the page's own address, `choose` where another
    preview is chosen; `zone` is the challenge's. `is_draft`: it is shown as if it were public.
    """

    at: datetime
    zone: tzinfo
    team: Team | None
    leave: str
    choose: str
    is_draft: bool

    @property
    def moment(self) -> Moment:
        """The instant in the challenge's zone."""
        return moment(self.at, self.zone)


def look_as(request: HttpRequest, preview: Preview) -> None:
    """Let a request be answered as in the preview; who may, is the caller's to ask."""
    setattr(request, HELD, preview)


def preview_of(request: HttpRequest) -> Preview | None:
    """Return the preview that a request is answered in; None where it is in earnest."""
    held: Preview | None = getattr(request, HELD, None)
    return held


def now_of(request: HttpRequest) -> datetime:
    """Return the instant at which a page is looked at."""
    preview = preview_of(request)
    return preview.at if preview else timezone.now()


def public_url(request: HttpRequest, path: str) -> str:
    """Return a page's address as others have it, which is never one within a preview."""
    if preview_of(request):
        path = "/" + path.removeprefix(get_script_prefix())
    return request.build_absolute_uri(path)


def preview_bar(request: HttpRequest) -> dict[str, Preview | None]:
    """Let every page say that it is a preview."""
    return {"preview": preview_of(request)}
