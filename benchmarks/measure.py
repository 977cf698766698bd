"""Shared by the benchmarks: folders, decoded versions to score, CPU time in interleaved rounds."""

import shutil
import sys
import time
from collections.abc import Callable, Mapping
from pathlib import Path
from statistics import median

from ratings.codecs.baselines import JPEG, JPEG_2000, WEBP
from ratings.codecs.rate import byte_budget
from ratings.codecs.rate_control import compress_dataset
from ratings.database.cluster import Cluster
from ratings.imaging.pixels import Rgb, decode_png

BPP = 0.15
CODECS = (JPEG, WEBP, JPEG_2000)


def pictures_from_arguments() -> dict[str, Rgb]:
    """Decode the PNG files of the folder given on the command line."""
    if len(sys.argv) != 2 or not Path(sys.argv[1]).is_dir():
        sys.exit("Usage: python -m benchmarks.NAME FOLDER (of PNG files)")
    files = sorted(Path(sys.argv[1]).glob("*.png"))
    if not files:
        sys.exit(f"No PNG files in {sys.argv[1]}")
    return {file.name: decode_png(file.read_bytes()) for file in files}


def decoded_versions(pictures: Mapping[str, Rgb]) -> dict[tuple[str, str], Rgb]:
    """Compress all pictures at about 0.15 bpp with three codecs: (codec, picture) -> samples."""
    pixels = sum(rgb.size // 3 for rgb in pictures.values())
    return {
        (codec.name, name): coded.decoded
        for codec in CODECS
        for name, coded in compress_dataset(codec, pictures, byte_budget(pixels, BPP)).items()
    }


def cpu_ms_per_mp(
    ways: Mapping[str, Callable[[], object]], megapixels: float, rounds: int
) -> dict[str, float]:
    """Run all ways in turn, round after round; return the median CPU ms per megapixel of each."""
    seconds: dict[str, list[float]] = {name: [] for name in ways}
    for _ in range(rounds):
        for name, run in ways.items():
            begun = time.process_time()
            run()
            seconds[name].append(time.process_time() - begun)
    return {name: 1e3 * median(spent) / megapixels for name, spent in seconds.items()}


def drop_cluster(data_dir: str) -> None:
    """Stop and delete the embedded Postgres of a data directory, which may lie elsewhere."""
    cluster = Cluster(Path(data_dir).resolve())
    cluster.leave()
    shutil.rmtree(cluster.home, ignore_errors=True)
