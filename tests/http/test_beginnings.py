"""Beginning: a few at a time, the next ones wait, and the rest are told when to come again."""

import threading
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager

import pytest
from django.http import HttpRequest, HttpResponse
from django.test import RequestFactory
from django.utils.log import log_response

from ratings.http.beginnings import A_SECOND, AT_ONCE, LONGEST_BYTES, WAITING, BeginningsMiddleware
from tests.waiting import PATIENCE_SECONDS, eventually

PATH = "/api/v1/studies/a-study/raters/"
MOST = AT_ONCE + WAITING
JSON = "application/json"


class Site:
    """A site whose answers wait until they are let go; `most` is how many did so at once."""

    def __init__(self) -> None:
        self.go = threading.Event()
        self.inside = self.most = 0
        self._lock = threading.Lock()

    def __call__(self, request: HttpRequest) -> HttpResponse:
        with self._lock:
            self.inside += 1
            self.most = max(self.most, self.inside)
        assert self.go.wait(PATIENCE_SECONDS)
        with self._lock:
            self.inside -= 1
        return HttpResponse(status=201)


class SlowBeginning(HttpRequest):
    """A request to begin whose body comes when it is let go; `asked`: somebody waits for it."""

    def __init__(self, go: threading.Event) -> None:
        super().__init__()
        self.method, self.path, self.asked, self._go = "POST", PATH, threading.Event(), go

    @property
    def body(self) -> bytes:
        """The body, when it has come."""
        self.asked.set()
        assert self._go.wait(PATIENCE_SECONDS)
        return b"{}"


def is_full(middleware: BeginningsMiddleware) -> bool:
    """Tell whether all places are taken, without waiting for one's turn."""
    if free := middleware._places.acquire(blocking=False):
        middleware._places.release()
    return not free


def begin() -> HttpRequest:
    return RequestFactory().post(PATH, {"consent": True}, JSON)


@contextmanager
def all_places_taken(site: Site, middleware: BeginningsMiddleware) -> Iterator[None]:
    """Let as many begin as there are places, and wait for their answers at the end."""
    with ThreadPoolExecutor(MOST) as threads:
        begun = [threads.submit(middleware, begin()) for _ in range(MOST)]
        try:
            eventually(lambda: is_full(middleware) and site.inside == AT_ONCE)
            yield
        finally:
            site.go.set()
        assert {one.result().status_code for one in begun} == {201}


def test_few_begin_at_once_some_wait_and_the_rest_come_again_one_after_another(
    caplog: pytest.LogCaptureFixture,
) -> None:
    site = Site()
    middleware = BeginningsMiddleware(site)
    with all_places_taken(site, middleware):
        told = [middleware(begin()) for _ in range(2 * A_SECOND)]
    assert site.most == AT_ONCE
    assert {one.status_code for one in told} == {429}
    waits = [int(one["Retry-After"]) for one in told]
    assert waits == sorted(waits) and waits[0] == 1 and waits[-1] in (2, 3)
    assert "Many begin at this moment" in str(told[0].getvalue())
    assert isinstance(told[0], HttpResponse)
    log_response("", response=told[0], request=begin())
    assert not caplog.records
    assert middleware(begin()).status_code == 201  # all places are free again


def test_everything_else_passes_while_all_places_are_taken() -> None:
    site = Site()
    middleware = BeginningsMiddleware(site)
    others = [
        RequestFactory().put("/api/v1/trials/1/judgment/", {}, JSON),
        RequestFactory().get(PATH),
        RequestFactory().post(f"{PATH}x/", {}, JSON),
        RequestFactory().post(PATH, b"x" * (LONGEST_BYTES + 1), JSON),
    ]
    with all_places_taken(site, middleware), ThreadPoolExecutor(len(others)) as threads:
        passed = [threads.submit(middleware, request) for request in others]
        eventually(lambda: site.inside == AT_ONCE + len(others))
        site.go.set()
        assert {one.result().status_code for one in passed} == {201}


def test_slow_bodies_hold_up_nobody() -> None:
    site = Site()
    site.go.set()
    middleware, come = BeginningsMiddleware(site), threading.Event()
    with ThreadPoolExecutor(MOST) as threads:
        slow = [SlowBeginning(come) for _ in range(MOST)]
        begun = [threads.submit(middleware, one) for one in slow]
        try:
            assert all(one.asked.wait(PATIENCE_SECONDS) for one in slow)
            assert middleware(begin()).status_code == 201
        finally:
            come.set()
        assert {one.result().status_code for one in begun} == {201}


def test_a_place_is_free_again_after_a_fault() -> None:
    def fail(request: HttpRequest) -> HttpResponse:
        raise ValueError

    middleware = BeginningsMiddleware(fail)
    for _ in range(2 * MOST):
        try:
            middleware(begin())
        except ValueError:
            continue
        raise AssertionError("It was turned away.")
