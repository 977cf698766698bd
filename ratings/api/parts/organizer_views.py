"""What views for organizers alone have in common."""

from typing import Any

from rest_framework.request import Request

from ratings.api.parts.authentication import (
    DeskAuthentication,
    OrganizerAuthentication,
    require_organizer,
)
from ratings.api.parts.json_views import ApiView


class OrganizerView(ApiView):
    """A view for organizers, by token or signed in at the desk; a stranger is told to log in."""

    authentication_classes = [OrganizerAuthentication, DeskAuthentication]

    def initial(self, request: Request, *args: Any, **kwargs: Any) -> None:
        """Raise NotAuthenticated for strangers, PermissionDenied where the role is another."""
        super().initial(request, *args, **kwargs)
        require_organizer(
            request, "This is for organizers: sign in at the desk, or send a bearer token."
        )
