"""PSNR of submissions: ours against ten lines of Pillow and numpy. `python -m benchmarks.scoring F`

Files are in the page cache. Ours keeps originals as raw samples, mapped; each decoded PNG is walked
strictly (paid at upload), decoded and compared (paid by the scoring job).
"""

import math
import mmap
import os
import tempfile
import time
from concurrent.futures import ProcessPoolExecutor
from multiprocessing import get_context
from pathlib import Path
from statistics import median

import numpy as np
from PIL import Image

from benchmarks.measure import decoded_versions, pictures_from_arguments
from ratings.imaging.distortion import psnr_db, squared_error
from ratings.imaging.pixels import Rgb, check_png, decode_checked

ROUNDS = 5
Parts = tuple[float, float, float]
Pair = tuple[Path, Path]  # original (the raw samples lie beside it, as .raw), decoded


def main() -> None:
    """Print CPU time per megapixel on one core, wall time on two, and ratios."""
    pictures = pictures_from_arguments()
    with tempfile.TemporaryDirectory() as folder:
        pairs = _write(Path(folder), pictures)
        megapixels = sum(pictures[original.name].size / 3e6 for original, _ in pairs)
        samples = round(3e6 * megapixels)
        ours = psnr_db(sum(map(score_ours, pairs)), samples)
        theirs = 10 * math.log10(255**2 * samples / sum(map(score_ten_lines, pairs)))
        print(f"{len(pairs)} pairs, {megapixels:.1f} MP, {ours:.4f} dB, differ {ours - theirs:.1e}")
        _print_one_core(pairs, megapixels)
        _print_two_cores(pairs, megapixels)


def _write(folder: Path, pictures: dict[str, Rgb]) -> list[Pair]:
    pairs = []
    for (codec, name), rgb in decoded_versions(pictures).items():
        original, decoded = folder / name, folder / f"{codec} {name}"
        if not original.exists():
            Image.fromarray(pictures[name]).save(original)
            original.with_suffix(".raw").write_bytes(pictures[name].tobytes())
        Image.fromarray(rgb).save(decoded)
        pairs.append((original, decoded))
    return pairs


def score_ten_lines(pair: Pair) -> float:
    """What most scripts do."""
    a, b = (np.asarray(Image.open(path).convert("RGB"), np.float64) for path in pair)
    return float(((a - b) ** 2).sum())


def score_ours(pair: Pair) -> int:
    """Strict walk, decoding, squared error."""
    error, _ = score_ours_in_parts(pair)
    return error


def score_ours_in_parts(pair: Pair) -> tuple[int, Parts]:
    """The squared error, and the CPU seconds of walk, decoding and error as they come in a job."""
    begun = time.process_time()
    data = pair[1].read_bytes()
    header = check_png(data)
    walked = time.process_time()
    decoded = decode_checked(data, header)
    read = time.process_time()
    error = squared_error(_mapped(pair[0], decoded), decoded)
    return error, (walked - begun, read - walked, time.process_time() - read)


def _mapped(original: Path, decoded: Rgb) -> Rgb:
    with original.with_suffix(".raw").open("rb") as file:
        mapped = mmap.mmap(file.fileno(), 0, access=mmap.ACCESS_READ)
    return np.frombuffer(mapped, np.uint8).reshape(decoded.shape)


def _print_one_core(pairs: list[Pair], megapixels: float) -> None:
    rounds = []
    for _ in range(ROUNDS):
        begun = time.process_time()
        for pair in pairs:
            score_ten_lines(pair)
        ten_lines = time.process_time() - begun
        parts = np.sum([score_ours_in_parts(pair)[1] for pair in pairs], axis=0)
        rounds.append([ten_lines, *parts])
    baseline, walk, decode, error = 1e3 * np.median(rounds, axis=0) / megapixels
    print(f"{baseline:7.1f} CPU ms/MP  ten lines, Pillow + numpy float64")
    print(f"{walk:7.1f} CPU ms/MP  ours: strict walk, at upload")
    print(f"{decode:7.1f} CPU ms/MP  ours: decoding, in the scoring job")
    print(f"{error:7.1f} CPU ms/MP  ours: squared error, in the scoring job")
    print(f"{baseline / (walk + decode + error):7.2f} x ten lines, one core, all (bar: 4)")
    print(f"{baseline / (decode + error):7.2f} x ten lines, one core, scoring job alone")
    print(f"{error / (walk + decode):7.3f} squared error over walk and decoding")
    print(f"{error / decode:7.3f} squared error over decoding (bar: 0.15)")


def _print_two_cores(pairs: list[Pair], megapixels: float) -> None:
    with ProcessPoolExecutor(2, mp_context=get_context("fork")) as pool:
        list(pool.map(score_ours, pairs))  # warm
        ratios, walls = [], []
        for _ in range(ROUNDS):
            begun = time.perf_counter()
            for pair in pairs:
                score_ten_lines(pair)
            halfway = time.perf_counter()
            list(pool.map(score_ours, pairs))
            wall = time.perf_counter() - halfway
            walls.append(wall)
            ratios.append((halfway - begun) / wall)
    print(f"{1e3 * median(walls) / megapixels:7.1f} wall ms/MP  ours, two processes")
    print(
        f"{median(ratios):7.2f} x ten lines, two cores (bar: 7; load {os.getloadavg()[0]:.1f}, "
        f"{os.cpu_count()} cores)"
    )


if __name__ == "__main__":
    main()
