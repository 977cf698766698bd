# SPDX-License-Identifier: Apache-2.0
"""What is sent, a decoder and bitstreams, looked at as the server does while it arrives."""

import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from pathlib import Path

from ratings.imaging.alike import told_once
from ratings.imaging.chunks import HEADER_BYTES
from ratings.imaging.pixels import (
    PictureRefused,
    Rgb,
    check_png,
    decode_checked,
    decode_png,
    read_header,
)
from ratings.kit.submit import Refused
from ratings.sandbox.decoders.programs import Machine
from ratings.sandbox.decoders.unpacking import unpack
from ratings.sandbox.environments.found_programs import finds
from ratings.sandbox.sandbox_errors import FileRefused, shown

SERVERS_MACHINE = "x86_64"  # as a server nearly always is, whatever you have at home
LARGEST_BITSTREAM_BYTES = 64 << 20
LARGEST_DECODER_BYTES = 512 << 20
# A suffix is part of a name, not a place to hide bits in.
SUFFIX = re.compile(r"\.[A-Za-z0-9]{1,8}")


@dataclass(frozen=True)
class Original:
    """A picture that was to be compressed."""

    path: Path
    width: int
    height: int

    @property
    def name(self) -> str:
        """The name that what is decoded has too."""
        return self.path.name

    @property
    def pixels(self) -> int:
        """How many pixels it has."""
        return self.width * self.height

    @property
    def limit_bytes(self) -> int:
        """The size of the largest PNG that is taken for it."""
        rows = self.height * (1 + 4 * self.width)
        return rows + rows // 100 + (1 << 20)

    def read(self) -> Rgb:
        """Return its samples: (height, width, 3), uint8. Raises FileRefused."""
        try:
            return decode_png(self.path.read_bytes())
        except PictureRefused as error:
            raise FileRefused(f"{self.path}: {error}") from error

    def read_decoded(self, path: Path) -> Rgb:
        """Check a PNG file that was decoded for it; return its samples, (height, width, 3), uint8.

        Raises FileRefused.
        """
        data = path.read_bytes()
        try:
            header = check_png(data, expected_size=(self.width, self.height))
            return decode_checked(data, header)
        except PictureRefused as error:
            raise FileRefused(f"{self.name}: {error}") from error


Originals = Mapping[str, Original]  # by name


def read_originals(folders: Iterable[Path]) -> Originals:
    """Find the originals, by name. Raises Refused naming what is none."""
    originals: dict[str, Original] = {}
    problems = []
    for folder in folders:
        paths = folder.iterdir() if folder.is_dir() else ()
        pngs = sorted(path for path in paths if path.suffix.lower() == ".png")
        if not folder.is_dir():
            problems.append(f"There is no folder {folder}.")
        elif not pngs:
            problems.append(f"There is no PNG in {folder}.")
        for path in pngs:
            try:
                with path.open("rb") as file:
                    header = read_header(file.read(HEADER_BYTES))
                originals[path.name] = Original(path, header.width, header.height)
            except PictureRefused as error:
                problems.append(f"{path}: {error}")
    if problems:
        raise Refused(*problems)
    return dict(sorted(originals.items()))


@dataclass
class HomeEntry:
    """What is sent: the decoder, unpacked into `program`, bitstreams by their originals' names."""

    program: Path
    originals: Originals
    budget_bytes: int
    machine: str = SERVERS_MACHINE
    decoder_bytes: int = 0  # as it is sent
    notes: list[str] = field(default_factory=list)
    bitstreams: dict[str, Path] = field(default_factory=dict)

    @property
    def inputs(self) -> dict[str, Path]:
        """The bitstreams by the names under which the decoder finds them."""
        return {path.name: path for path in self.bitstreams.values()}

    @property
    def size_bytes(self) -> int:
        """The size of all bitstreams together."""
        return sum(path.stat().st_size for path in self.bitstreams.values())

    @property
    def sizes(self) -> str:
        """The sizes in words."""
        return (
            f"{self.size_bytes} of {self.budget_bytes} bytes in bitstreams; "
            f"{self.decoder_bytes} bytes of decoder."
        )

    def take(self, decoder: Path, images: Iterable[Path], *, named: Path) -> None:
        """Look at each file that would be sent. Raises FileRefused with what is not taken.

        `named` is what the decoder was given as: it may have been packed.
        """
        problems = []
        given = [(self.take_decoder, decoder, named)]
        for take, path, name in [*given, *((self.take_image, i, i) for i in images)]:
            try:
                take(path)
            except FileRefused as refused:
                problems += [f"{name}: {line}" for line in refused.problems]
        if problems:
            raise FileRefused(*problems)

    def take_decoder(self, path: Path) -> None:
        """Unpack the decoder and mend what can be mended. Raises FileRefused."""
        _require_at_most(LARGEST_DECODER_BYTES, path)
        self.decoder_bytes = path.stat().st_size
        self.notes = unpack(path, self.program, Machine(self.machine, finds))

    def take_image(self, path: Path) -> None:
        """Check a file and remember a bitstream; decoded ones don't count. Raises FileRefused."""
        if path.suffix.lower() == ".png":
            self._take_decoded(path)
        else:
            self._take_bitstream(path)

    def _take_decoded(self, path: Path) -> None:
        original = self.originals.get(path.name)
        if original is None:
            raise FileRefused(
                f"{shown(path.name)} is no picture of this phase; call each decoded image like its "
                "original."
            )
        _require_at_most(original.limit_bytes, path)
        original.read_decoded(path)

    def _take_bitstream(self, path: Path) -> None:
        stems = {path.name, path.name.removesuffix(_suffix(path.name))}
        names = [name for name in (f"{stem}.png" for stem in stems) if name in self.originals]
        if len(names) != 1:
            raise FileRefused(
                f"{shown(path.name)} must be the name of one original of this phase, without .png "
                "and with or without a suffix of at most 8 letters or digits."
            )
        if self.budget_bytes < LARGEST_BITSTREAM_BYTES:
            budget = ", the byte budget of all bitstreams together"
            _require_at_most(self.budget_bytes, path, budget)
        _require_at_most(LARGEST_BITSTREAM_BYTES, path)
        known = self.bitstreams.setdefault(names[0], path)
        if known != path:
            raise FileRefused(
                f"The bitstream of {names[0]} is here already as {known.name!r}; keep that name."
            )

    def close(self) -> None:
        """Require every bitstream, of one ending, and all within the budget. Raises Refused."""
        missing = [name for name in self.originals if name not in self.bitstreams]
        problems = told_once((name, f"Missing bitstream for {name}") for name in missing)
        suffixes = {_suffix(path.name) for path in self.bitstreams.values()}
        if len(suffixes) > 1:
            endings = ", ".join(suffix or "none" for suffix in sorted(suffixes))
            problems.append(
                f"The bitstreams have different endings ({endings}); give all of them one: names "
                "carry no data."
            )
        if self.size_bytes > self.budget_bytes:
            problems.append(
                f"The bitstreams have {self.size_bytes} bytes in all, "
                f"{self.size_bytes - self.budget_bytes} more than the byte budget of "
                f"{self.budget_bytes} bytes."
            )
        if problems:
            raise Refused(*problems)


def _suffix(name: str) -> str:
    start = name.rfind(".")
    return name[start:] if start > 0 and SUFFIX.fullmatch(name, start) else ""


def _require_at_most(limit_bytes: int, path: Path, limit_is: str = "") -> None:
    if path.stat().st_size > limit_bytes:
        raise FileRefused(f"The file may have at most {limit_bytes} bytes{limit_is}.")


def require_files(decoder: Path, images: Iterable[Path]) -> list[Path]:
    """Return the images, each once. Raises Refused for what `submit.py` would not send."""
    wanted: dict[str, Path] = {}
    problems = [] if decoder.is_file() else [f"{decoder}: there is no such file."]
    for path in images:
        if path.is_dir():
            problems.append(f"{path}: this is a folder; name its files, such as {path}/*.")
        elif not path.is_file():
            problems.append(f"{path}: there is no such file.")
        elif wanted.setdefault(path.name, path) != path:
            problems.append(f"{path}: {wanted[path.name]} has the same name.")
    if problems:
        raise Refused(*problems)
    return list(wanted.values())
