"""The keys of a [[series]]: phases that are rates of one task, and curves to compare with."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Annotated, Any

from ratings.challenge.keys.checks import numbers, one_of, slug, text
from ratings.challenge.keys.tables import TomlTable
from ratings.challenge.names import name_problem

# What makes entries of several phases one curve: the team and the method's name, or the team alone.
CURVES = ("methods", "teams")
MOST_REFERENCES = 20
# Of single pictures, all codecs together.
MOST_PICTURES = 2000
MOST_POINTS = 100
# Beyond these no figure of a codec can be meant.
MOST_BPP, MOST_DECIBELS = 1000, 200
# The second segment of a challenge's boards: /{challenge}/{phase}/board/.
RESERVED = {"board"}


@dataclass(frozen=True)
class ReferenceTable:
    """Another codec's curve, as its authors measured it: shown beside methods, never ranked.

    `bpp` has a rate for each point, `psnr` (dB) and `ms_ssim` (0 to 1) are as long, or empty.
    They are of all pictures, or of one `picture`, such as "P/a.png".
    """

    name: Annotated[str, text(longest=128, stripped=True)]
    source: Annotated[str, text(longest=500)] = ""
    bpp: Annotated[tuple[float, ...], numbers(0, MOST_BPP, MOST_POINTS)] = ()
    psnr: Annotated[tuple[float, ...], numbers(0, MOST_DECIBELS, MOST_POINTS)] = ()
    ms_ssim: Annotated[tuple[float, ...], numbers(0, 1, MOST_POINTS)] = ()
    picture: Annotated[str | None, text(longest=300, stripped=True)] = None

    def check(self, table: TomlTable) -> None:
        """Note what the keys say against one another."""
        if self.name and (problem := name_problem(self.name)):
            table.note("name", problem)
        if self.picture is not None and not all(self.picture.partition("/")):
            table.note("picture", 'name data set and file, such as "P/a.png".')
        if not table.sound("bpp", "psnr", "ms_ssim"):
            return
        if not self.bpp or min(self.bpp) <= 0 or len(set(self.bpp)) < len(self.bpp):
            table.note("bpp", "write one rate above 0 for each point, each another one.")
        if not self.psnr and not self.ms_ssim:
            table.note("psnr", "write it, or `ms_ssim`, with one number for each rate.")
        for key in ("psnr", "ms_ssim"):
            found = len(getattr(self, key))
            if found not in (0, len(self.bpp)):
                table.note(key, f"it has {found} numbers for {len(self.bpp)} rates.")


@dataclass(frozen=True)
class SeriesTable:
    """A [[series]]."""

    slug: Annotated[str, slug(reserved=RESERVED)]
    name: Annotated[str, text(longest=200)]
    phases: tuple[str, ...]
    curves: Annotated[str, one_of(CURVES)] = "methods"
    references: tuple[ReferenceTable, ...] = ()

    def check(self, table: TomlTable) -> None:
        """Note what the keys say against one another."""
        table.refuse_repeated("phases", self.phases)
        if len(set(self.phases)) < 2 and table.sound("phases"):
            table.note("phases", "name at least two phases, each a rate.")
        table.refuse_repeated("references", [called(one) for one in self.references])
        names = {one.name for one in self.references}
        if len(names) > MOST_REFERENCES:
            table.note("references", f"there may be {MOST_REFERENCES}, not {len(names)}.")
        pictures = sum(one.picture is not None for one in self.references)
        if pictures > MOST_PICTURES:
            table.note("references", f"{MOST_PICTURES} may be of pictures, not {pictures}.")


def called(reference: ReferenceTable) -> str:
    """Return what tells a reference from all others of its series."""
    return reference.name if reference.picture is None else f"{reference.name}, {reference.picture}"


def series_problems(
    series: Iterable[SeriesTable], phases: Mapping[str, Sequence[str]]
) -> list[str]:
    """Return what phases, with their data sets by slug, say against series."""
    return [
        f"[[series]] {one.slug}: phases: {line}"
        for one in series
        for line in _phase_problems(one, phases)
    ]


def _phase_problems(series: SeriesTable, phases: Mapping[str, Sequence[str]]) -> list[str]:
    unknown = [slug for slug in series.phases if slug not in phases]
    if unknown:
        mend = "define it or correct the name."
        return [f"there is no [[phase]] {slug!r}; {mend}" for slug in unknown]
    if len({frozenset(phases[slug]) for slug in series.phases}) > 1:
        return ["all must have the same data sets: a curve is of the same pictures at each rate."]
    return []


def read_references(stored: Iterable[Mapping[str, Any]]) -> tuple[ReferenceTable, ...]:
    """Return reference curves from what `tables.written` made of them."""
    return tuple(
        ReferenceTable(
            one["name"],
            one["source"],
            bpp=tuple(map(float, one["bpp"])),
            psnr=tuple(map(float, one["psnr"])),
            ms_ssim=tuple(map(float, one["ms_ssim"])),
            picture=one.get("picture"),
        )
        for one in stored
    )
