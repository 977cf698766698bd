"""CPU time of MS-SSIM beside another commit. `python -m benchmarks.similarity TREE FOLDER`

TREE is a checkout of what to compare with, such as `git worktree add --detach ../before 5996c82`;
FOLDER has PNG files, compressed by three codecs at about 0.15 bits per pixel. Both measure each
pair in turn, round after round; printed are medians, and the largest distance of two values.
"""

import sys
import time
from collections.abc import Callable
from importlib.util import module_from_spec, spec_from_file_location
from pathlib import Path
from statistics import median

from benchmarks.measure import decoded_versions, pictures_from_arguments
from ratings.imaging.ms_ssim import ms_ssim
from ratings.imaging.pixels import Rgb

ROUNDS = 5
Measure = Callable[[Rgb, Rgb], float]


def main() -> None:
    """Print the CPU time per megapixel of both, their ratio, and how far values are apart."""
    before = measure_of(Path(sys.argv.pop(1)))
    pictures = pictures_from_arguments()
    pairs = [(pictures[name], rgb) for (_, name), rgb in decoded_versions(pictures).items()]
    rounds = [
        [(*timed(before, pair), *timed(ms_ssim, pair)) for pair in pairs] for _ in range(ROUNDS)
    ]
    every = [measured for one in rounds for measured in one]
    megapixels = sum(rgb.size for _, rgb in pairs) / 3e6
    spent = [[sum(column) for column in list(zip(*one, strict=True))[::2]] for one in rounds]
    there, here = (1e3 * median(column) / megapixels for column in zip(*spent, strict=True))
    ratio = median(now / then for then, now in spent)
    apart = max(abs(then - now) for _, then, _, now in every)
    print(f"{len(pairs)} pairs, {megapixels:.1f} MP: before {there:.1f} CPU ms/MP, now {here:.1f}")
    print(f"ratio {ratio:.2f} (bar: 0.5), values at most {apart:.1e} apart")


def measure_of(tree: Path) -> Measure:
    """Return the MS-SSIM of another checkout, which needs nothing else of it."""
    spec = spec_from_file_location("before", tree / "ratings" / "imaging" / "ms_ssim.py")
    if spec is None or spec.loader is None or not (tree / "manage.py").is_file():
        sys.exit("Usage: python -m benchmarks.similarity TREE FOLDER (a checkout, PNG files)")
    module = module_from_spec(spec)
    spec.loader.exec_module(module)
    measure: Measure = module.ms_ssim
    return measure


def timed(measure: Measure, pair: tuple[Rgb, Rgb]) -> tuple[float, float]:
    """Return the CPU seconds of measuring a pair, and what was measured."""
    begun = time.process_time()
    value = measure(*pair)
    return time.process_time() - begun, value


if __name__ == "__main__":
    main()
