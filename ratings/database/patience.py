"""Waiting for a database that is away for a moment, where work would be lost otherwise."""

import time
from collections.abc import Callable
from typing import TypeVar

from django.db import InterfaceError, OperationalError, connection

AWAY = (OperationalError, InterfaceError)
PAUSE_SECONDS = 1.0
Result = TypeVar("Result")


def when_it_answers(act: Callable[[], Result], *, seconds: float) -> Result:
    """Do `act`, again and again while the database is away; it must be harmless to repeat.

    Raises OperationalError or InterfaceError when that lasts longer than `seconds`.
    """
    give_up = time.monotonic() + seconds
    while True:
        try:
            return act()
        except AWAY:
            connection.close()
            if time.monotonic() > give_up:
                raise
            time.sleep(PAUSE_SECONDS)
