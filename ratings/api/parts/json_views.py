"""What the views have in common: strict JSON in, JSON out, and the instant a request began."""

import json
from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import IO, Any, ClassVar, NoReturn

from django.core.exceptions import ValidationError
from django.db import DataError
from django.db.models import QuerySet
from django.http import HttpRequest
from django.utils import timezone
from drf_spectacular.utils import OpenApiParameter, inline_serializer
from rest_framework import exceptions, serializers
from rest_framework.negotiation import BaseContentNegotiation
from rest_framework.pagination import CursorPagination
from rest_framework.parsers import BaseParser
from rest_framework.renderers import BaseRenderer
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.views import APIView

from ratings.challenge.access.permissions import Permission
from ratings.challenge.refusals import Refused
from ratings.http.security_headers import PRIVATE

LARGEST_JSON_BYTES = 1 << 16


class StrictJSONParser(BaseParser):
    """JSON in UTF-8, of a sane size and depth, that holds an object."""

    media_type = "application/json"

    def parse(
        self,
        stream: IO[Any],
        media_type: str | None = None,
        parser_context: Mapping[str, Any] | None = None,
    ) -> dict[str, Any]:
        """Return the object. Raises Refused, code "too-large", or ParseError."""
        body = stream.read(LARGEST_JSON_BYTES + 1)
        if len(body) > LARGEST_JSON_BYTES:
            raise Refused("too-large", f"A JSON body has at most {LARGEST_JSON_BYTES} bytes.")
        try:
            value = json.loads(
                body.decode(), parse_float=json_number, parse_constant=_refuse_constant
            )
        except RecursionError as error:
            raise exceptions.ParseError("The JSON is nested too deeply.") from error
        except ValueError as error:
            raise exceptions.ParseError(f"The body is not JSON in UTF-8: {error}") from error
        if not isinstance(value, dict):
            raise exceptions.ParseError("The body must be a JSON object.")
        return value


def json_number(text: str) -> int | float:
    """Return a number of JSON, to which 2.0 and 2 are the same whole one."""
    value = float(text)
    return int(value) if value.is_integer() else value


def _refuse_constant(name: str) -> NoReturn:
    raise ValueError(f"{name} is no JSON number.")


class JSONWhateverIsAccepted(BaseContentNegotiation):
    """Answers JSON whatever the client says it accepts: there is nothing else to choose."""

    def select_parser(self, request: Request, parsers: Sequence[BaseParser]) -> BaseParser | None:  # type: ignore[override]
        """Return the parser of the request's content type, if there is one."""
        content_type = (request.content_type or "").partition(";")[0].strip().lower()
        return next((p for p in parsers if p.media_type == content_type), None)

    def select_renderer(  # type: ignore[override]
        self,
        request: Request,
        renderers: Sequence[BaseRenderer],
        format_suffix: str | None = None,
    ) -> tuple[BaseRenderer, str]:
        """Return the first renderer."""
        return renderers[0], str(renderers[0].media_type)


class ApiView(APIView):
    """A view that knows when its request began, before any of the body was read."""

    parser_classes = [StrictJSONParser]
    content_negotiation_class = JSONWhateverIsAccepted
    public = False  # whether everybody is told the same, without a login
    # What an account must be permitted for its role to count, about what the route is about.
    reads: ClassVar[Permission] = Permission.READ
    changes: ClassVar[Permission] = Permission.CHANGE
    # Whether a role in any challenge will do: for what is one's own, or what the body names.
    anywhere: ClassVar[bool] = False
    received_at: datetime

    def setup(self, request: HttpRequest, *args: object, **kwargs: object) -> None:
        """Stamp the request: what is in time is decided by this instant."""
        self.received_at = timezone.now()
        super().setup(request, *args, **kwargs)

    def finalize_response(
        self,
        request: Request,
        response: Any,  # noqa: ANN401
        *args: object,
        **kwargs: object,
    ) -> Response:
        """Keep what is not for everybody out of every cache."""
        answer = super().finalize_response(request, response, *args, **kwargs)
        shared = self.public and getattr(request, "user", None) is None
        answer.headers.setdefault("Cache-Control", "no-cache" if shared else PRIVATE)
        return answer


class StrictSerializer(serializers.Serializer[Any]):
    """Refuses fields that it does not know: a misspelt one must not be lost in silence."""

    def to_internal_value(self, data: Mapping[str, Any]) -> dict[str, Any]:
        """Return the validated fields. Raises ValidationError naming each unknown one too."""
        if not isinstance(data, Mapping):
            self.fail("invalid", datatype=type(data).__name__)
        known = ", ".join(self.fields)
        problems: dict[str, Any] = {
            key: [f"This field is unknown; known are: {known}."]
            for key in data
            if key not in self.fields
        }
        try:
            values: dict[str, Any] = super().to_internal_value(data)
        except serializers.ValidationError as error:
            raise serializers.ValidationError({**_as_dict(error.detail), **problems}) from error
        if problems:
            raise serializers.ValidationError(problems)
        return values


def _as_dict(detail: object) -> dict[str, Any]:
    return dict(detail) if isinstance(detail, Mapping) else {"non_field_errors": detail}


class TextField(serializers.CharField):
    """A printable text; numbers are not taken for one."""

    def to_internal_value(self, data: object) -> str:
        """Return the text. Raises ValidationError."""
        if not isinstance(data, str):
            self.fail("invalid")
        if not data.isprintable():
            raise serializers.ValidationError("It holds characters that can't be printed.")
        return str(super().to_internal_value(data))


class PasswordField(serializers.CharField):
    """A password, blanks at its ends included; of what length it must be says the rule."""

    def __init__(self, *, required: bool = True) -> None:
        super().__init__(trim_whitespace=False, write_only=True, required=required)


class TrueOrFalse(serializers.BooleanField):
    """True or false; words for them are not taken."""

    def to_internal_value(self, data: object) -> bool:
        """Return the value. Raises ValidationError."""
        if not isinstance(data, bool):
            self.fail("invalid", input=data)
        return data


class WholeNumber(serializers.IntegerField):
    """A whole number of a JSON body; texts are not taken for one."""

    def to_internal_value(self, data: object) -> int:
        """Return the number. Raises ValidationError."""
        if isinstance(data, bool) or not isinstance(data, int):
            self.fail("invalid")
        return super().to_internal_value(data)


def page_of(item: type[serializers.BaseSerializer[Any]]) -> serializers.Serializer[Any]:
    """Return the shape of a page of such items, as `Pages` sends it."""
    name = item.__name__.removesuffix("Serializer")
    return inline_serializer(
        f"{name}Page",
        {
            "next": serializers.URLField(allow_null=True),
            "previous": serializers.URLField(allow_null=True),
            "results": item(many=True),
        },
    )


CURSOR = OpenApiParameter("cursor", str, description="Of the page, as `next` has it.")


class Pages(CursorPagination):
    """Lists come in pages that stay stable while rows are added."""

    page_size = 500
    ordering = "pk"

    def paginate_queryset(
        self, queryset: QuerySet[Any] | Sequence[Any], request: Request, view: APIView | None = None
    ) -> list[Any] | None:
        """Return the rows of the page that the cursor names. Raises NotFound for a forged one."""
        try:
            return super().paginate_queryset(queryset, request, view)
        except (ValueError, ValidationError, DataError) as error:
            raise exceptions.NotFound(self.invalid_cursor_message) from error
