"""What a submission may hold: one decoded image and one bitstream an original, and a decoder."""

import re
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Literal

from ratings.challenge.files import Incoming
from ratings.challenge.models import Original, Phase
from ratings.challenge.refusals import Refused
from ratings.imaging.pixels import PictureRefused, check_png
from ratings.submissions.decoders import check_decoder

Kind = Literal["decoded", "bitstreams", "decoder"]
LARGEST_BITSTREAM_BYTES = 64 << 20
LARGEST_DECODER_BYTES = 512 << 20
# A suffix is part of a name, not a place to hide bits in.
SUFFIX = re.compile(r"\.[A-Za-z0-9]{1,8}")


@dataclass(frozen=True)
class Slot:
    """The place of one file in a submission; `path` is also its address below the submission."""

    kind: Kind
    name: str
    original: Original | None
    limit_bytes: int

    @property
    def path(self) -> str:
        """The file's address below the submission."""
        return f"{self.kind}/{self.name}" if self.original else self.kind

    def check(self, incoming: Incoming) -> None:
        """Check the content. Raises Refused, code "picture" or "decoder", with the reason."""
        if self.kind == "decoder":
            check_decoder(incoming.temporary)
        if self.kind != "decoded" or self.original is None:
            return
        size = (self.original.width, self.original.height)
        try:
            check_png(incoming.temporary.read_bytes(), expected_size=size)
        except PictureRefused as error:
            raise Refused("picture", f"{self.name}: {error}") from error


class Slots:
    """The places of one phase's submissions, by name."""

    def __init__(self, phase: Phase) -> None:
        self._by_name: Mapping[str, Original] = {o.name: o for o in phase.originals()}
        self._by_stem: Mapping[str, Original] = {o.stem: o for o in self._by_name.values()}

    def __len__(self) -> int:
        return 2 * len(self._by_name) + 1

    def find(self, kind: Kind, name: str) -> Slot:
        """Return the place of the file `name`. Raises Refused, code "unknown-name"."""
        if kind == "decoded":
            return self._decoded(name)
        return self._bitstream(name) if kind == "bitstreams" else DECODER

    def guess(self, name: str) -> Slot:
        """Return the place of a file of which only the name is known."""
        if name in ("decoder", "decoder.zip"):
            return DECODER
        return self.find("decoded" if name in self._by_name else "bitstreams", name)

    def _decoded(self, name: str) -> Slot:
        original = self._by_name.get(name)
        if original is None:
            raise Refused(
                "unknown-name",
                f"{name!r} is no picture of this phase; call each decoded image like its original.",
            )
        # No deflate stream need be larger than its rows of at most 4 bytes a pixel; the rest is
        # for chunks.
        rows = original.height * (1 + 4 * original.width)
        return Slot("decoded", name, original, rows + rows // 100 + (1 << 20))

    def _bitstream(self, name: str) -> Slot:
        stems = {name} | {name[: m.start()] for m in [_suffix(name)] if m}
        found = [self._by_stem[stem] for stem in stems if stem in self._by_stem]
        if len(found) != 1:
            raise Refused(
                "unknown-name",
                f"{name!r} must be the name of one original of this phase, without .png and with "
                "or without a suffix of at most 8 letters or digits.",
            )
        return Slot("bitstreams", name, found[0], LARGEST_BITSTREAM_BYTES)


def suffix_of(name: str) -> str:
    """Return the suffix of a bitstream's name, "" without one."""
    found = _suffix(name)
    return found[0] if found else ""


DECODER = Slot("decoder", "decoder", None, LARGEST_DECODER_BYTES)


def _suffix(name: str) -> re.Match[str] | None:
    start = name.rfind(".")
    return SUFFIX.fullmatch(name, start) if start > 0 else None
