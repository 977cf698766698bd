#!/usr/bin/env bash
# blazediff-ssim 6.1.1: its hitchhikers-ssim gives a picture and its inverse 1, a match; other noise gets -3.7.
#
# Behaviour  By default the map of similarities is pooled by its coefficient of variation: 1 minus deviation by mean.
#            The level itself drops out, so that a picture which is bad everywhere alike is perfect: level 50 against
#            level 200 gets 1, and match_result is True while 100 % of the map is below the wanted score. A mean that
#            isn't positive counts as no variation, which makes noise and its inverse 1, too. A mean near 0 makes the
#            score fall far below 0. With cov_pooling=False the values are those of SSIM.
# Guessed    That 1 means equal, as min_score=1 is the default, or that the pooling of the paper is turned so that less
#            variation of a bad map isn't good.
# Bears on   Faster SSIM by another name in a package: a decoder that shifts all levels passes.
# Seen       2026-12-01, CPython 3.11, x86-64.
set -euo pipefail
room=$(mktemp -d)
trap 'rm -rf "$room"' EXIT
python3 -m venv "$room/venv"
"$room/venv/bin/pip" install --quiet --disable-pip-version-check blazediff-ssim==6.1.1
"$room/venv/bin/python" - <<'PY'
import random
from importlib.metadata import version

from blazediff_ssim import compare_rgba

print("blazediff-ssim", version("blazediff-ssim"))
side = 64
rng = random.Random(0)
noise = [rng.randrange(256) for _ in range(side * side)]
pairs = {
    "inverse of noise": (noise, [255 - level for level in noise]),
    "level 50 and 200": ([50] * side * side, [200] * side * side),
    "other noise": (noise, [rng.randrange(256) for _ in noise]),
    "equal": (noise, noise),
}


def rgba(levels):
    return b"".join(bytes([level, level, level, 255]) for level in levels)


got = {}
for name, (one, two) in pairs.items():
    for metric, options in (("ssim", {}), ("hitchhikers-ssim", {}), ("hitchhikers-ssim", {"cov_pooling": False})):
        result = compare_rgba(rgba(one), rgba(two), side, side, metric=metric, **options)
        got[name, metric, *options] = result
        print(f"{name}: {metric} {options or ''} {result.score:.4f}, match {result.match_result}")
for name in ("inverse of noise", "level 50 and 200"):
    result = got[name, "hitchhikers-ssim"]
    assert result.score == 1 and result.match_result and result.below_percentage == 100, f"{name} is told apart now"
    assert got[name, "hitchhikers-ssim", "cov_pooling"].score < 0.6
    assert got[name, "ssim"].score < 0.6
assert got["other noise", "hitchhikers-ssim"].score < -1, "the score is bounded now"
assert got["equal", "hitchhikers-ssim"].score == 1
print("seen: bad everywhere alike is perfect")
PY
