#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""Try an entry at home: does what the challenge's server does with it, and says the same words.

    python3 check.py --make-environment python
    python3 check.py DECODER IMAGES... --originals DIR

The first line is needed once: it makes what decoders find on the server, of the packages that
`sandbox/environments/` pins, in your cache's folder. DECODER and IMAGES are what `submit.py` sends:
an executable, or a folder or zip that has one called `decode` at its top, and the compressed files.
DIR holds the original PNG files. The decoder runs as on the server, contained where bubblewrap is
installed; the PNG files that it makes are checked and scored. `--elsewhere` decodes once more with
the arithmetic of other processors. Its parts lie in `checking/`, and the server's own rules, which
it asks, in `imaging/` and `sandbox/` beside `kit/`.

Ends with 0 when all is well, 1 when something stands against it, 2 for a wrong call.
"""

import platform
import sys
from pathlib import Path

HOUSE = Path(__file__).resolve().parent.parent.parent  # holds `ratings/`

if __name__ == "__main__":
    if platform.system() != "Linux":  # elsewhere its parts can't even be imported
        sys.exit("ERROR: The check needs Linux; WSL is one on Windows, a container on a Mac.")
    sys.path.insert(0, str(HOUSE))
    try:
        from ratings.kit.checking.home_check import main
    except ModuleNotFoundError as missing:
        whole = "take the kit's whole zip, not this file alone"
        ours = str(missing.name).partition(".")[0] == "ratings"
        sys.exit(f"{missing}: {whole if ours else 'install numpy and pillow'}.")
    sys.exit(main())
