"""How the schema names each way of saying who asks; `ratings.api.openapi.schema` loads these."""

from django.conf import settings
from drf_spectacular.extensions import OpenApiAuthenticationExtension

from ratings.api.parts.authentication import (
    DESK_HEADER,
    DeskAuthentication,
    DeskPageAuthentication,
    OrganizerAuthentication,
    PageAuthentication,
    TeamAuthentication,
)
from ratings.api.parts.worker_login import WorkerAuthentication


def _cookie(description: str) -> dict[str, str]:
    name = settings.SESSION_COOKIE_NAME
    return {"type": "apiKey", "in": "cookie", "name": name, "description": description}


class TeamScheme(OpenApiAuthenticationExtension):  # type: ignore[no-untyped-call]
    """How the schema names TeamAuthentication."""

    target_class = TeamAuthentication
    name = "team"

    def get_security_definition(self, auto_schema: object) -> dict[str, str]:
        """Return the OpenAPI security scheme."""
        return {"type": "http", "scheme": "basic", "description": "Team name and password."}


class PageScheme(OpenApiAuthenticationExtension):  # type: ignore[no-untyped-call]
    """How the schema names PageAuthentication."""

    target_class = PageAuthentication
    name = "page"

    def get_security_definition(self, auto_schema: object) -> dict[str, str]:
        """Return the OpenAPI security scheme."""
        return _cookie(
            "A team that is signed in on the pages; calls that change anything need `X-CSRFToken` "
            "too."
        )


class OrganizerScheme(OpenApiAuthenticationExtension):  # type: ignore[no-untyped-call]
    """How the schema names OrganizerAuthentication."""

    target_class = OrganizerAuthentication
    name = "organizer"

    def get_security_definition(self, auto_schema: object) -> dict[str, str]:
        """Return the OpenAPI security scheme."""
        return {"type": "http", "scheme": "bearer", "description": "An organizer's token."}


class DeskScheme(OpenApiAuthenticationExtension):  # type: ignore[no-untyped-call]
    """How the schema names DeskAuthentication."""

    target_class = DeskAuthentication
    name = "desk"

    def get_security_definition(self, auto_schema: object) -> dict[str, str]:
        """Return the OpenAPI security scheme."""
        return _cookie("An organizer who is signed in at the desk.")


class DeskPageScheme(OpenApiAuthenticationExtension):  # type: ignore[no-untyped-call]
    """How the schema names DeskPageAuthentication."""

    target_class = DeskPageAuthentication
    name = "deskPage"

    def get_security_definition(self, auto_schema: object) -> dict[str, str]:
        """Return the OpenAPI security scheme."""
        return _cookie(
            f"An organizer who is signed in at the desk; calls need `{DESK_HEADER}: 1`, and "
            "`X-CSRFToken` to change anything."
        )


class WorkerScheme(OpenApiAuthenticationExtension):  # type: ignore[no-untyped-call]
    """How the schema names WorkerAuthentication."""

    target_class = WorkerAuthentication
    name = "worker"

    def get_security_definition(self, auto_schema: object) -> dict[str, str]:
        """Return the OpenAPI security scheme."""
        return {"type": "http", "scheme": "bearer", "description": "The token of a worker."}
