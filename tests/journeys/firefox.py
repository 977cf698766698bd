"""Firefox, driven by WebDriver BiDi, which it speaks itself: Playwright can't open a page in it."""

import base64
import json
import re
import shutil
import subprocess
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any, Self

from websockets.sync.client import ClientConnection, connect

from tests.waiting import PAGE_SECONDS, eventually

NAMES = ("firefox-esr", "firefox")
# What each key is called there: https://w3c.github.io/webdriver/#keyboard-actions
SPACE, ENTER, DOWN = " ", "\ue007", "\ue015"
# It asks nobody else for anything.
PREFERENCES = {
    "app.normandy.enabled": False,
    "app.update.disabledForTesting": True,
    "browser.safebrowsing.downloads.remote.enabled": False,
    "network.captive-portal-service.enabled": False,
    "network.connectivity-service.enabled": False,
    "network.dns.disablePrefetch": True,
    "nimbus.rollouts.enabled": False,
    "services.settings.server": "data:,#remote-settings-dummy/v1",
    "toolkit.telemetry.server": "",
}
LISTENS = re.compile(r"WebDriver BiDi listening on (ws://\S+)")


def find_firefox() -> str | None:
    """Return the path of the machine's own Firefox, if it has one."""
    return next(filter(None, map(shutil.which, NAMES)), None)


class Tab:
    """The one tab of a Firefox."""

    def __init__(self, connection: ClientConnection) -> None:
        self._connection = connection
        self._last = 0
        self._command("session.new", capabilities={})
        (first,) = self._command("browsingContext.getTree")["contexts"]
        self._context = first["context"]

    def goto(self, url: str) -> None:
        """Open an address, and wait until it is loaded."""
        self._command("browsingContext.navigate", context=self._context, url=url, wait="complete")

    def reload(self) -> None:
        """Load the page anew."""
        self._command("browsingContext.reload", context=self._context, wait="complete")

    def evaluate(self, expression: str) -> Any:  # noqa: ANN401
        """Return what an expression is, by way of JSON; a promise is waited for."""
        body = f"(async () => JSON.stringify(await ({expression}) ?? null))()"
        target = {"context": self._context}
        told = self._command(
            "script.evaluate",
            expression=body,
            target=target,
            awaitPromise=True,
            userActivation=True,
        )
        assert told["type"] == "success", told
        return json.loads(told["result"]["value"])

    def text(self, selector: str) -> str:
        """Return the text of the first element that a selector names."""
        return str(self.evaluate(f"document.querySelector({json.dumps(selector)}).textContent"))

    def wait_for(self, expression: str) -> None:
        """Wait until an expression is true."""
        eventually(lambda: self.evaluate(f"Boolean({expression})"), within=PAGE_SECONDS)

    def press(self, *keys: str) -> None:
        """Press keys, one after the other."""
        actions = [{"type": way, "value": key} for key in keys for way in ("keyDown", "keyUp")]
        self._act({"type": "key", "id": "keyboard", "actions": actions})

    def click(self, selector: str) -> None:
        """Click the middle of the first element shown that a selector names."""
        self.wait_for(f"{_shown(selector)}")
        at = self.evaluate(
            f"(() => {{ const one = {_shown(selector)}; one.scrollIntoView({{block: 'center'}});"
            " const {x, y, width, height} = one.getBoundingClientRect();"
            " return [Math.round(x + width / 2), Math.round(y + height / 2)]; })()"
        )
        steps = [
            {"type": "pointerMove", "x": at[0], "y": at[1]},
            {"type": "pointerDown", "button": 0},
            {"type": "pointerUp", "button": 0},
        ]
        self._act({"type": "pointer", "id": "mouse", "actions": steps})

    def screenshot(self) -> bytes:
        """Return what the window shows, as PNG, in device pixels."""
        told = self._command("browsingContext.captureScreenshot", context=self._context)
        return base64.b64decode(told["data"])

    def _act(self, source: dict[str, Any]) -> None:
        self._command("input.performActions", context=self._context, actions=[source])

    def _command(self, method: str, **params: Any) -> dict[str, Any]:
        self._last += 1
        self._connection.send(json.dumps({"id": self._last, "method": method, "params": params}))
        while True:
            told = json.loads(self._connection.recv(timeout=PAGE_SECONDS))
            if told.get("id") == self._last:
                assert told["type"] == "success", told
                return dict(told["result"])


def _shown(selector: str) -> str:
    """Return an expression for the first element of a selector that has a place on the page."""
    every = f"[...document.querySelectorAll({json.dumps(selector)})]"
    return f"{every}.find((one) => one.getClientRects().length)"


class Firefox:
    """A Firefox without windows, with a profile that stays as long as it does."""

    def __init__(self, profile: Path, factor: float) -> None:
        settings = PREFERENCES | {"layout.css.devPixelsPerPx": str(factor)}
        lines = [
            f"user_pref({json.dumps(name)}, {json.dumps(to)});" for name, to in settings.items()
        ]
        (profile / "user.js").write_text("\n".join(lines))
        width, height = max(520, round(1366 / factor)), max(640, round(900 / factor))
        self._log = profile / "log"
        with self._log.open("w") as log:
            self._process = subprocess.Popen(
                [
                    str(find_firefox()),
                    "--headless",
                    "--remote-debugging-port=0",
                    f"--profile={profile}",
                    f"--width={width}",
                    f"--height={height}",
                    "about:blank",
                ],
                stdout=subprocess.DEVNULL,
                stderr=log,
            )

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self._process.terminate()
        self._process.wait()

    def address(self) -> str:
        """Return where it listens, as soon as it says so."""
        found = eventually(lambda: LISTENS.search(self._log.read_text()), within=PAGE_SECONDS)
        return f"{found[1]}/session"


@contextmanager
def firefox(factor: float = 1) -> Iterator[Tab]:
    """Open a Firefox whose CSS pixels are `factor` device pixels wide; close it at the end."""
    with (
        TemporaryDirectory(prefix="firefox-", ignore_cleanup_errors=True) as folder,
        Firefox(Path(folder), factor) as browser,
        connect(browser.address(), max_size=None, open_timeout=PAGE_SECONDS) as connection,
    ):
        yield Tab(connection)
