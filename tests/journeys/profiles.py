"""Browsers of people's own, which wait for a slow machine and leave nothing behind."""

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

from playwright.sync_api import Browser, BrowserContext, expect

from tests.waiting import PAGE_SECONDS, PATIENCE_SECONDS

PAGE_MS = 1000 * PAGE_SECONDS
# For what workers do, and a page shows then.
PATIENCE_MS = 1000 * PATIENCE_SECONDS
LAPTOP = {"width": 1366, "height": 900}
expect.set_options(timeout=PAGE_MS)


@contextmanager
def profile(browser: Browser, *, faults: bool = False, **options: Any) -> Iterator[BrowserContext]:
    """Open a browser of somebody's own, at a laptop's size; close it with all that it has open.

    A script's error in any of its pages is an AssertionError at the end, unless `faults` are
    expected. What a route has under way then ends with the test too: it would run on in the next
    one.
    """
    whole: dict[str, Any] = {"viewport": LAPTOP} | options
    context = browser.new_context(**whole)
    context.set_default_timeout(PAGE_MS)
    errors: list[str] = []
    context.on("weberror", lambda error: errors.append(str(error.error)))
    try:
        yield context
    finally:
        for page in context.pages:
            page.unroute_all(behavior="ignoreErrors")
        context.unroute_all(behavior="ignoreErrors")
        context.close()
    assert faults or not errors, errors
