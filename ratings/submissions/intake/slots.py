"""What a submission may hold: one decoded image and one bitstream an original, and a decoder."""

import re
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Literal, NamedTuple

from ratings.challenge.models import Original, Phase
from ratings.challenge.refusals import Refused
from ratings.imaging.pixels import PictureRefused, check_png
from ratings.sandbox.sandbox_errors import shown
from ratings.storage.content_store import Incoming
from ratings.submissions.file_limits import (
    LARGEST_BITSTREAM_BYTES,
    LARGEST_DECODER_BYTES,
    largest_decoded,
)
from ratings.submissions.intake.decoder_rules import check_decoder
from ratings.submissions.picked_environments import environment_named

Kind = Literal["decoded", "bitstreams", "decoder"]
BUDGET = "the byte budget of all bitstreams together"
# With the page's own check, before anything is sent, `name` is filled in there.
UNKNOWN_DECODED = "{name} is no picture of this phase; call each decoded image like its original."
UNKNOWN_BITSTREAM = (
    "{name} must be the name of one original of this phase, without .png and with or without a "
    "suffix of at most 8 letters or digits."
)
# A suffix is part of a name, not a place to hide bits in.
SUFFIX = re.compile(r"\.[A-Za-z0-9]{1,8}")


@dataclass(frozen=True)
class Slot:
    """The place of one file in a submission; `path` is also its address below the submission."""

    kind: Kind
    name: str
    original: Original | None
    limit_bytes: int
    # What the limit is where it is more than a precaution.
    limit_is: str = ""
    # Of the environment where a decoder is to run.
    source: str = ""

    @property
    def path(self) -> str:
        """The file's address below the submission."""
        return f"{self.kind}/{self.name}" if self.original else self.kind

    def check(self, incoming: Incoming) -> "Checked":
        """Check the content. Raises Refused, code "picture" or "decoder", with the reason."""
        if self.kind == "decoder":
            return Checked(self, incoming, check_decoder(incoming.temporary, self.source))
        if self.kind == "decoded":
            self._check_picture(incoming)
        return Checked(self, incoming, [])

    def _check_picture(self, incoming: Incoming) -> None:
        assert self.original
        size = (self.original.width, self.original.height)
        try:
            check_png(incoming.temporary.read_bytes(), expected_size=size)
        except PictureRefused as error:
            raise Refused("picture", f"{self.name}: {error}") from error


class Checked(NamedTuple):
    """A file that may be stored in its place; `notes` say what will be mended in it."""

    slot: Slot
    incoming: Incoming
    notes: list[str]


class Slots:
    """The places of one phase's submissions, by name; decoders run in the environment named."""

    def __init__(self, phase: Phase, environment: str = "") -> None:
        self._by_name: Mapping[str, Original] = {o.name: o for o in phase.originals()}
        self._by_stem: Mapping[str, Original] = {o.stem: o for o in self._by_name.values()}
        self._byte_budget = phase.byte_budget
        source = environment_named(phase, environment).source
        self._decoder = Slot("decoder", "decoder", None, LARGEST_DECODER_BYTES, source=source)

    def __len__(self) -> int:
        return 2 * len(self._by_name) + 1

    def find(self, kind: Kind, name: str) -> Slot:
        """Return the place of the file `name`. Raises Refused, code "unknown-name"."""
        if kind == "decoded":
            return self._decoded(name)
        return self._bitstream(name) if kind == "bitstreams" else self._decoder

    def guess(self, name: str) -> Slot:
        """Return the place of a file of which only the name is known."""
        if name in ("decoder", "decoder.zip"):
            return self._decoder
        return self.find("decoded" if name in self._by_name else "bitstreams", name)

    def _decoded(self, name: str) -> Slot:
        original = self._by_name.get(name)
        if original is None:
            raise Refused("unknown-name", UNKNOWN_DECODED.format(name=shown(name)))
        return Slot("decoded", name, original, largest_decoded(original.width, original.height))

    def _bitstream(self, name: str) -> Slot:
        stems = {name} | {name[: m.start()] for m in [_suffix(name)] if m}
        originals = [self._by_stem[stem] for stem in stems if stem in self._by_stem]
        if len(originals) != 1:
            raise Refused("unknown-name", UNKNOWN_BITSTREAM.format(name=shown(name)))
        if self._byte_budget is None or self._byte_budget > LARGEST_BITSTREAM_BYTES:
            return Slot("bitstreams", name, originals[0], LARGEST_BITSTREAM_BYTES)
        return Slot("bitstreams", name, originals[0], self._byte_budget, BUDGET)


def suffix_of(name: str) -> str:
    """Return the suffix of a bitstream's name, "" without one."""
    suffix = _suffix(name)
    return suffix[0] if suffix else ""


def _suffix(name: str) -> re.Match[str] | None:
    start = name.rfind(".")
    return SUFFIX.fullmatch(name, start) if start > 0 else None
