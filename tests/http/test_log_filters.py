"""What the server's log leaves out, and what it keeps."""

import logging
from logging.handlers import BufferingHandler

import pytest
from django.core.exceptions import PermissionDenied
from django.test import Client

from tests.builders import build_organizer
from tests.web.builders import build_running_phase


@pytest.mark.django_db
def test_a_refusal_is_one_line_and_a_fault_keeps_its_traceback(client: Client) -> None:
    client.force_login(build_organizer(is_staff=False))
    phase = build_running_phase()
    board = f"/{phase.challenge.slug}/{phase.slug}/board/"
    keeper, log = BufferingHandler(capacity=9), logging.getLogger("django.request")
    log.addHandler(keeper)
    try:
        assert client.get("/desk/").status_code == 403
        assert client.get(f"{board}?dataset=%00").status_code == 400
        for error in (PermissionDenied(), ValueError()):
            log.error("It failed.", exc_info=error)
    finally:
        log.removeHandler(keeper)
    told = keeper.buffer
    assert "/desk/" in told[0].getMessage() and "/board/" in told[1].getMessage()
    assert [bool(record.exc_info) for record in told] == [False, False, False, True]
