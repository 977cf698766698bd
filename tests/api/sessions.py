"""Requests of a rater's session."""

from typing import Any

from django.test import Client

from ratings.comparisons.models import Study

JSON = "application/json"
BROWSER = "Mozilla/5.0 (X11; Linux) Chrome/156.0"


def begin(client: Client, study: Study, **body: Any) -> Any:  # noqa: ANN401
    url = f"/api/v1/studies/{study.slug}/raters/"
    return client.post(
        url, {"consent": True} | body, content_type=JSON, headers={"User-Agent": BROWSER}
    )


def session(client: Client, study: Study) -> Any:  # noqa: ANN401
    return client.get(f"/api/v1/studies/{study.slug}/session/")
