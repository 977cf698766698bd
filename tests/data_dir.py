"""Pytest plugin, loaded before Django's settings: tests keep their cluster and files apart."""

import os
from pathlib import Path

os.environ["RATINGS_DATA_DIR"] = str(Path(__file__).resolve().parent.parent / "var" / "test")
