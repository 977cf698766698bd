"""The routes of the site, with addresses that have values, and requests of them."""

from collections.abc import Iterator
from typing import Any

from django.test import Client
from django.urls import NoReverseMatch, URLPattern, URLResolver, reverse


def routes(
    patterns: list[URLPattern | URLResolver], names: tuple[str, ...] = ()
) -> Iterator[tuple[str, URLPattern]]:
    """Yield each named route of the site with its name."""
    for pattern in patterns:
        if isinstance(pattern, URLResolver):
            below = (*names, pattern.namespace) if pattern.namespace else names
            yield from routes(pattern.url_patterns, below)
        elif pattern.name:
            yield ":".join((*names, pattern.name)), pattern


def parameters(pattern: URLPattern) -> set[str]:
    """Return the names of a route's parameters."""
    return set(pattern.pattern.regex.groupindex)


def address(route: str, values: dict[str, str]) -> str:
    """Return the address of a route; figures have names of their own."""
    try:
        return reverse(route, kwargs=values)
    except NoReverseMatch:
        return reverse(route, kwargs=values | {"name": "scores"})


def status(client: Client, path: str, method: str = "GET") -> int:
    """Return how a request is answered."""
    answered: int = answer(client, path, method).status_code
    return answered


def answer(client: Client, path: str, method: str = "GET") -> Any:  # noqa: ANN401
    """Return the answer; what comes as a file is read and closed."""
    response: Any = client.generic(method, path)
    if response.streaming:
        b"".join(response.streaming_content)
        for file in response._resource_closers:  # closing all of it would close the database too
            file()
    return response
