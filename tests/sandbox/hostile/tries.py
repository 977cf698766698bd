"""What hostile decoders in Python share; the tests lay it beside each of them."""

import ctypes
import os
from collections.abc import Callable
from typing import Any

libc = ctypes.CDLL(None, use_errno=True)


def refused(act: Callable[..., Any], *arguments: object) -> None:
    """Try something forbidden; print "refused" where it fails, as it must, and "BREACH" if not."""
    try:
        result = act(*arguments)
    except (OSError, ValueError, RuntimeError) as error:
        print("refused", error)
    else:
        print("refused" if result == -1 else f"BREACH {act} {arguments} {result}", flush=True)


def fork() -> bool:
    """Make a child; tell whether this is it."""
    return os.fork() == 0
