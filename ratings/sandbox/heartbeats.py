"""The heartbeat of a run: it renews a lease, and brings along what is new of the log."""

from collections.abc import Callable
from threading import Event, Thread
from types import TracebackType

# Tells that the run goes on, with all of its log where that is new. Returns whether the lease is
# still held; None where nobody could be told.
Renew = Callable[[bytes | None], bool | None]


class Heartbeat:
    """Renews a run's lease every few seconds while it is entered; knows whether to go on.

    A thread of its own does it: however long whoever is told takes, the limits are watched. While
    they are away the run goes on.
    """

    def __init__(
        self, renew: Renew, seconds: float, *, close: Callable[[], object] = lambda: None
    ) -> None:
        self._renew, self._seconds, self._close = renew, seconds, close
        self._log: list[bytes] = []
        self._told = 0
        self._held = True
        self._over = Event()
        self._thread = Thread(target=self._beat_on, name="heartbeat")

    def __enter__(self) -> "Heartbeat":
        self._thread.start()
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self._over.set()
        self._thread.join()

    def write(self, data: bytes) -> None:
        """Take what the program printed."""
        self._log.append(data)

    def keep_going(self) -> bool:
        """Tell whether the lease is still held, as of the last beat."""
        return self._held

    def beat(self) -> None:
        """Renew the lease now, with what is new of the log."""
        pieces = len(self._log)
        log = b"".join(self._log[:pieces]) if pieces != self._told else None
        held = self._renew(log)
        if held is not None:
            self._held, self._told = held, pieces

    def _beat_on(self) -> None:
        try:
            while self._held and not self._over.wait(self._seconds):
                self.beat()
        except Exception:
            self._held = False  # nothing renews the lease any more: another worker may take it
            raise
        finally:
            self._close()
