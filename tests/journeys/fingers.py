"""Fingers on a touch screen, as the browser gets them from one."""

from typing import Any

from playwright.sync_api import Page

Point = tuple[float, float]


def swipe(page: Page, across: int) -> None:
    """Draw one finger sideways over the pictures, so many px to the right."""
    x, y = middle(page)
    glide(page, [[(x, y)], [(x + across / 2, y + 3)], [(x + across, y + 6)]])


def spread(page: Page) -> None:
    """Put two fingers on the pictures, and spread them to twice as far apart."""
    x, y = middle(page)
    glide(page, [[(x - apart, y), (x + apart, y)] for apart in (30, 45, 62)])


def middle(page: Page) -> Point:
    """Return the middle of what is seen of the pictures."""
    box = page.locator(".pane").first.bounding_box()
    assert box
    return box["x"] + box["width"] / 2, box["y"] + box["height"] / 2


def glide(page: Page, way: list[list[Point]]) -> None:
    """Put fingers down at their first points, lead them over the others, and lift them."""
    devtools = page.context.new_cdp_session(page)

    def dispatch(kind: str, points: list[Point]) -> None:
        touches: list[dict[str, Any]] = [
            {"x": x, "y": y, "id": finger} for finger, (x, y) in enumerate(points)
        ]
        devtools.send("Input.dispatchTouchEvent", {"type": kind, "touchPoints": touches})

    dispatch("touchStart", way[0])
    for points in way[1:]:
        dispatch("touchMove", points)
    dispatch("touchEnd", [])
    devtools.detach()
