"""Pytest plugin, loaded before Django's settings: tests keep their cluster and files apart."""

import os
from pathlib import Path

DATA_DIR = Path(__file__).resolve().parent.parent / "var" / "test"
os.environ["RATINGS_DATA_DIR"] = str(DATA_DIR)
# WhiteNoise warns where static files were never collected, and warnings are errors here.
(DATA_DIR / "static").mkdir(parents=True, exist_ok=True)
