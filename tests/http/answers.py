"""What an answer of the site says."""

from django.http.response import HttpResponseBase


def without_id(answer: HttpResponseBase) -> dict[str, str]:
    """Return an answer's headers but the one by which the log knows it: no two are alike."""
    return {name: value for name, value in answer.headers.items() if name != "X-Request-ID"}
