#!/usr/bin/env bash
# pixelmatch 0.4.0 (Python): white and invisible pictures don't differ; by pixelmatch 7.2.0 (npm) each pixel does.
#
# Behaviour  The port lays both pictures on white before it compares. Opaque white and full transparency of any colour
#            are then equal. The original lays them on a checkerboard by default, so that all pixels differ; with
#            checkerboard: false it says what the port says. Black against nothing differs in both.
# Guessed    That a port under the same name finds the same pixels.
# Bears on   A test in Python of what a page shows: paper and sky may be holes. Alpha has to be compared by itself.
# Seen       2026-12-01, CPython 3.11, Node.js 20, x86-64.
set -euo pipefail
room=$(mktemp -d)
trap 'rm -rf "$room"' EXIT
cd "$room"
npm init --yes >/dev/null
npm install --silent --no-audit --no-fund --ignore-scripts pixelmatch@7.2.0
python3 -m venv venv
venv/bin/pip install --quiet --disable-pip-version-check --no-deps pixelmatch==0.4.0
cat >probe.mjs <<'JS'
import pixelmatch from "pixelmatch";
const picture = (pixel) => Uint8Array.from({ length: 16 * 16 * 4 }, (_, i) => pixel[i % 4]);
const pairs = JSON.parse(process.argv[2]);
const differ = (options) => pairs.map(([one, two]) => pixelmatch(picture(one), picture(two), null, 16, 16, options));
console.log(JSON.stringify([differ({}), differ({ checkerboard: false })]));
JS
venv/bin/python - <<'PY'
import json
import subprocess
from importlib.metadata import version

from pixelmatch import pixelmatch

pairs = [
    ([255, 255, 255, 255], [255, 255, 255, 0]),
    ([255, 255, 255, 255], [0, 90, 200, 0]),
    ([0, 0, 0, 255], [0, 0, 0, 0]),
    ([255, 255, 255, 255], [255, 255, 255, 255]),
]
port = [pixelmatch(one * 256, two * 256, 16, 16) for one, two in pairs]
said = subprocess.run(["node", "probe.mjs", json.dumps(pairs)], check=True, capture_output=True, text=True)
original, on_white = json.loads(said.stdout)
with open("node_modules/pixelmatch/package.json") as package:
    print("pixelmatch", version("pixelmatch"), "(Python),", json.load(package)["version"], "(npm)")
for pair, *counts in zip(pairs, port, original, on_white):
    print(f"{pair[0]} and {pair[1]}: port {counts[0]}, original {counts[1]}, on white {counts[2]} of 256 pixels differ")
assert original == [256, 256, 256, 0], "the original counts otherwise now"
assert port == on_white == [0, 0, 256, 0], "the port counts otherwise now"
print("seen: on white, nothing is white")
PY
