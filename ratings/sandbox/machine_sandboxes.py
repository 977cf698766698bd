"""The sandboxes of one machine: one for each environment that it has, opened when it is needed."""

from collections.abc import Iterable
from pathlib import Path

from ratings.sandbox.containment.containers import has_image
from ratings.sandbox.decoders.programs import Machine
from ratings.sandbox.entry_runs import decoding_machine
from ratings.sandbox.environments.making import available
from ratings.sandbox.sandboxes import MeteredSandbox
from ratings.sandbox.self_test import open_sandbox


class MachineSandboxes:
    """What a worker runs decoders in; a sandbox is tested when it is opened, and stays open."""

    def __init__(self, folder: Path, site_image: str = "") -> None:
        """Keep packaged environments in `folder`; an image of the site's stands for "python"."""
        self._folder, self._site_image = folder, site_image
        self._open: dict[str, MeteredSandbox] = {}

    def sources(self, images: Iterable[str]) -> tuple[str, ...]:
        """Return the sources that this machine has, of those that are packaged and these images."""
        return (*available(self._folder), *(image for image in images if has_image(image)))

    def of(self, source: str) -> MeteredSandbox:
        """Return the sandbox of an environment. Raises SandboxUnavailable."""
        if source not in self._open:
            self._open[source] = open_sandbox(self._folder, source, image=self._site_image)
        return self._open[source]

    def close(self) -> None:
        """Let each be opened, and tested, anew."""
        self._open.clear()

    def machine(self, source: str) -> Machine:
        """Return what decoders of an environment are built for, and find there."""
        return decoding_machine(source, self._site_image)
