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

    def __init__(
        self, folder: Path, site_image: str = "", gpu_devices: tuple[str, ...] = ()
    ) -> None:
        """Keep packaged environments in `folder`; an image of the site's stands for "python".

        The devices, by their paths, are those of a GPU: runs that ask for one get all of them.
        """
        self._folder, self._site_image, self._gpu_devices = folder, site_image, gpu_devices
        self._open: dict[tuple[str, bool], MeteredSandbox] = {}

    @property
    def has_gpu(self) -> bool:
        """Whether decoders that ask for a GPU may have one here."""
        return bool(self._gpu_devices)

    def sources(self, images: Iterable[str]) -> tuple[str, ...]:
        """Return the sources that this machine has, of those that are packaged and these images."""
        return (*available(self._folder), *(image for image in images if has_image(image)))

    def of(self, source: str, *, gpu: bool = False) -> MeteredSandbox:
        """Return the sandbox of an environment. Raises SandboxUnavailable."""
        if (source, gpu) not in self._open:
            devices = self._gpu_devices if gpu else ()
            self._open[source, gpu] = open_sandbox(
                self._folder, source, image=self._site_image, devices=devices
            )
        return self._open[source, gpu]

    def close(self) -> None:
        """Let each be opened, and tested, anew."""
        self._open.clear()

    def machine(self, source: str) -> Machine:
        """Return what decoders of an environment are built for, and find there."""
        return decoding_machine(source, self._site_image)
