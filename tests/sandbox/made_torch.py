"""The decoders' environment with PyTorch, where `make torch` has made it."""

import os

import pytest

from ratings.sandbox.environments.__main__ import environments_folder
from ratings.sandbox.environments.making import made
from ratings.sandbox.environments.trees import MINOR, DecoderEnvironment
from ratings.sandbox.sandbox_errors import EnvironmentAbsent


def made_torch() -> DecoderEnvironment:
    """Return it; the test that asks is skipped where there is none."""
    kept = {name: os.environ[name] for name in ("RATINGS_SANDBOX_DIR",) if name in os.environ}
    try:
        return made("torch", environments_folder(kept))
    except EnvironmentAbsent as absent:
        pytest.skip(f"{absent} Here: make torch.")


def python_of(environment: DecoderEnvironment) -> tuple[str, dict[str, str]]:
    """Return its Python, and the variables by which that finds its packages outside a sandbox."""
    tree = environment.tree
    return str(tree / "python" / "bin" / MINOR), {
        "PYTHONPATH": str(tree / "lib" / MINOR / "site-packages")
    }
