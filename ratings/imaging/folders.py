# SPDX-License-Identifier: Apache-2.0
"""PSNR of a folder of decoded pictures against a folder of originals, matched by file name."""

from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from ratings.imaging.alike import told_once
from ratings.imaging.distortion import mse, psnr_db, squared_error
from ratings.imaging.ms_ssim import measurable, ms_ssim
from ratings.imaging.pixels import PictureRefused, check_png, decode_checked, decode_png


class FoldersRefused(ValueError):
    """The folders can't be compared; `problems` names every file that stands in the way."""

    def __init__(self, problems: list[str]) -> None:
        super().__init__("\n".join(problems))
        self.problems = problems


@dataclass(frozen=True)
class FolderScore:
    """The distortion of one picture, or of several together; bytes if bitstreams were given."""

    name: str
    pixels: int
    squared_error: int
    size_bytes: int | None
    ms_ssim: float | None = None

    @property
    def mse(self) -> float:
        """The mean squared error of a sample."""
        return mse(self.squared_error, 3 * self.pixels)

    @property
    def psnr_db(self) -> float:
        """PSNR in dB, math.inf for identical data."""
        return psnr_db(self.squared_error, 3 * self.pixels)

    @property
    def bpp(self) -> float | None:
        """Bits per pixel, None without bitstreams."""
        return None if self.size_bytes is None else 8 * self.size_bytes / self.pixels

    def __str__(self) -> str:
        bpp = "" if self.bpp is None else f"  {self.bpp:.4f} bpp"
        similar = "" if self.ms_ssim is None else f"  MS-SSIM {self.ms_ssim:.6f}"
        return f"{self.psnr_db:8.4f} dB  MSE {self.mse:10.4f}{similar}{bpp}  {self.name}"

    def as_json(self) -> dict[str, Any]:
        """Return plain values; JSON knows no infinity, so identical data has psnr_db null."""
        identical = self.squared_error == 0
        return {
            "name": self.name,
            "psnr_db": None if identical else self.psnr_db,
            "identical": identical,
            "mse": self.mse,
            "squared_error": self.squared_error,
            "ms_ssim": self.ms_ssim,
            "pixels": self.pixels,
            "bytes": self.size_bytes,
            "bpp": self.bpp,
        }


def pooled(scores: list[FolderScore]) -> FolderScore:
    """Return the score of all samples together: squared errors, pixels and bytes summed first.

    MS-SSIM is the mean over the pictures that have one, weighted by their pixels.
    """
    similar = [(score.ms_ssim, score.pixels) for score in scores if score.ms_ssim is not None]
    sizes = [score.size_bytes for score in scores if score.size_bytes is not None]
    return FolderScore(
        "all",
        sum(score.pixels for score in scores),
        sum(score.squared_error for score in scores),
        sum(sizes) if len(sizes) == len(scores) else None,
        sum(value * n for value, n in similar) / sum(n for _, n in similar) if similar else None,
    )


def score_folders(
    originals: Path, decoded: Path, bitstreams: Path | None = None, *, similarity: bool = False
) -> list[FolderScore]:
    """Score each PNG of `originals` against the one of the same name in `decoded`, in name order.

    `bitstreams` holds one file for each picture, with its name and any suffix. With `similarity`
    MS-SSIM is measured too, where a picture is large enough for it. Raises
    FoldersRefused with everything that is missing, unexpected, refused or of the wrong size.
    """
    _require_folders(originals, decoded, bitstreams)
    wanted, given = _pngs(originals), _pngs(decoded)
    problems = told_once((n, f"Missing image {n}") for n in wanted if n not in given)
    problems += [f"Unexpected image {name}" for name in given if name not in wanted]
    sizes = {} if bitstreams is None else _bitstream_sizes(bitstreams, wanted, problems)
    scores = []
    for name in sorted(wanted.keys() & given.keys()):
        try:
            scores.append(_score(wanted[name], given[name], sizes.get(name), similarity))
        except PictureRefused as refused:
            problems.append(str(refused))
    if problems:
        raise FoldersRefused(problems)
    return scores


def _require_folders(originals: Path, *others: Path | None) -> None:
    folders = [originals, *(folder for folder in others if folder is not None)]
    problems = [f"Not a folder: {folder}" for folder in folders if not folder.is_dir()]
    if not problems and not _pngs(originals):
        problems = [f"No PNG files in {originals}"]
    if problems:
        raise FoldersRefused(problems)


def _pngs(folder: Path) -> dict[str, Path]:
    return {path.name: path for path in sorted(folder.iterdir()) if path.suffix.lower() == ".png"}


def _bitstream_sizes(folder: Path, names: Iterable[str], problems: list[str]) -> dict[str, int]:
    """Return bytes by picture name; adds what is missing or given twice to `problems`."""
    by_stem: dict[str, list[Path]] = {}
    for path in sorted(folder.iterdir()):
        by_stem.setdefault(path.stem, []).append(path)
    sizes = {}
    for name in names:
        given = by_stem.pop(Path(name).stem, [])
        if len(given) == 1:
            sizes[name] = given[0].stat().st_size
        elif given:
            problems.append(f"Several bitstreams of {name}: {', '.join(p.name for p in given)}")
        else:
            problems.append(f"Missing bitstream of {name}")
    problems += [
        f"Unexpected bitstream {path.name}" for paths in by_stem.values() for path in paths
    ]
    return sizes


def _score(original: Path, decoded: Path, size_bytes: int | None, similarity: bool) -> FolderScore:
    with _naming(f"Refused original {original.name}"):
        wanted = decode_png(original.read_bytes())
    with _naming(f"Refused image {decoded.name}"):
        data = decoded.read_bytes()
        header = check_png(data, expected_size=(wanted.shape[1], wanted.shape[0]))
        given = decode_checked(data, header)
    error = squared_error(wanted, given)
    similar = similarity and measurable(header.width, header.height)
    return FolderScore(
        original.name,
        wanted.size // 3,
        error,
        size_bytes,
        ms_ssim(wanted, given) if similar else None,
    )


@contextmanager
def _naming(what: str) -> Iterator[None]:
    """Say which file a refusal is about."""
    try:
        yield
    except PictureRefused as refused:
        raise PictureRefused(refused.code, f"{what}: {refused}") from refused
