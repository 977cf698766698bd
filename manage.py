#!/usr/bin/env python
"""Django's command line for the ratings project."""

import gc
import io
import os
import signal
import sys
from collections.abc import Callable
from functools import wraps
from types import FrameType

INTERRUPTED = 130  # as a shell says of a program that Ctrl-C ended


def main() -> None:
    """Run the management command named on the command line; Ctrl-C ends it with one line."""
    _write_every_name()
    gc.disable()  # until the site is loaded
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "ratings.settings")
    signal.signal(signal.SIGINT, _end_at_once)
    from django.core.management import ManagementUtility
    from django.core.management.base import BaseCommand

    from ratings.environment import WrongEnvironment

    class Utility(ManagementUtility):
        def fetch_command(self, subcommand: str) -> BaseCommand:
            command = super().fetch_command(subcommand)
            signal.signal(signal.SIGINT, signal.default_int_handler)
            command.handle = _once_loaded(command.handle)  # type: ignore[method-assign]
            return command

    try:
        Utility(sys.argv).execute()
    except WrongEnvironment as wrong:
        sys.exit(str(wrong))
    except KeyboardInterrupt:
        signal.signal(signal.SIGINT, signal.SIG_IGN)  # saying it once is enough
        print("Interrupted.", file=sys.stderr)
        sys.exit(INTERRUPTED)


def _once_loaded(handle: Callable[..., str | None]) -> Callable[..., str | None]:
    """Look for garbage from now on, and never among what is loaded: all of that stays."""

    @wraps(handle)
    def handled(*args: object, **options: object) -> str | None:
        gc.freeze()
        gc.enable()
        return handle(*args, **options)

    return handled


def _end_at_once(number: int, frame: FrameType | None) -> None:
    """End while the command is still being loaded: importing swallows exceptions now and then."""
    os.write(2, b"Interrupted.\n")
    os._exit(INTERRUPTED)


def _write_every_name() -> None:
    """Write UTF-8 into files and pipes, and an escape for what a terminal can't show."""
    for stream in (sys.stdout, sys.stderr):
        if isinstance(stream, io.TextIOWrapper):
            encoding = None if stream.isatty() else "utf-8"
            stream.reconfigure(encoding=encoding, errors="backslashreplace")


if __name__ == "__main__":
    main()
