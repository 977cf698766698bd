"""What tests of workers elsewhere need around them."""

from tests.jobs.conftest import decoding, sandbox_folder

__all__ = ["decoding", "sandbox_folder"]
