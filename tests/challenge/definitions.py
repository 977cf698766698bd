"""Definition files of small challenges, and the pictures they ask for."""

from pathlib import Path

from ratings.imaging.pixels import encode_png
from tests.builders import build_rgb

GOOD = """
slug = "small"
name = "A small challenge"
summary = "One line."

[[dataset]]
slug = "P"
name = "Professional"

[[phase]]
slug = "test"
name = "Test"
datasets = ["P"]
opens = 2018-04-15T00:00:00-08:00
closes = 2018-04-22T23:59:59-08:00
"""
TEXT = """
slug = "small"
name = "A small challenge"
summary = "One line."
forum = "https://forum.example/"
license = "CC-BY-4.0"
doi = "10.5281/zenodo.1234"
organizers = ["Jane Doe", "ETH Zurich"]
sponsors = ["A fund"]
retention = { failed_days = 90, open_days = 0 }

[[calendar]]
title = "Results"
at = 2018-05-29T00:00:00-08:00

[[dataset]]
slug = "P"
name = "Professional"
license = "LicenseRef-Unsplash"
originals = "P"
scenes = [{ name = "lake", pictures = ["a.png"] }, { name = "8: town", pictures = ["b*.png"] }]

[[dataset]]
slug = "M"
name = "Mobile"
originals = "M"

[[phase]]
slug = "test"
name = "Test"
datasets = ["P", "M"]
opens = 2018-04-15T00:00:00-08:00
closes = 2018-04-22T23:59:59-08:00
boards_open = 2018-05-29T00:00:00-08:00
boards_frozen_from = 2018-06-10T00:00:00-08:00
boards_frozen_until = 2018-06-20T00:00:00-08:00
max_bpp = 0.15
board = "latest"
"""
STUDY = """
[[study]]
phase = "test"
slug = "people"
name = "What people see"
consent = "You take part of your own free will."
crop_size = [16, 16]
"""
RULES = """
decoder = "required"
elsewhere = "tell"
submissions_per_day = 5
submissions_in_all = 90
own_scores = true

[[phase]]
slug = "final"
name = "Final"
datasets = ["P"]
opens = 2018-05-15T00:00:00-08:00
closes = 2018-05-22T23:59:59-08:00
decoder = "registered"
decoders_from = "test"
"""


def write_originals(folder: Path) -> Path:
    """Write the pictures of TEXT, folders P (two) and M (one), and return where they lie."""
    for number, name in enumerate(["P/a.png", "P/b.png", "M/c.png"]):
        (folder / name).parent.mkdir(exist_ok=True)
        (folder / name).write_bytes(encode_png(build_rgb(width=40, height=30, seed=number)))
    return folder
