"""What stands between a page and its site: modules that are broken or late, others' answers."""

from collections.abc import Callable

from playwright.sync_api import Page, Route


def break_all(page: Page, name: str) -> None:
    """Put something that is no JavaScript in the place of what a page loads."""

    def broken(route: Route) -> None:
        route.fulfill(body="export const = 1;", content_type="text/javascript")

    page.route(f"**/modules/*/{name}.*.js", broken)


def hold_back(page: Page, name: str) -> Callable[[], None]:
    """Let a module not come, the next time that a page asks for it; return what lets it come."""
    held: list[Route] = []
    page.route(f"**/modules/*/{name}.*.js", lambda route: held.append(route), times=1)

    def let_come() -> None:
        (route,) = held
        route.continue_()

    return let_come


def find_none(page: Page) -> None:
    """Let requests for trials find none, as when others are being issued just then."""

    def empty(route: Route) -> None:
        answer = route.fetch()
        route.fulfill(response=answer, json=answer.json() | {"results": []})

    page.route("**/trials/next/*", empty)


def stand_between(page: Page, status: int) -> None:
    """Let something on the way answer to judgments, with a page of its own."""
    page.route("**/judgment/", lambda route: route.fulfill(status=status, body="<p>Log in.</p>"))
