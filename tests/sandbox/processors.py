"""What a test asks of the processor that it runs on."""

from pathlib import Path

import pytest


def require_processor(*features: str) -> None:
    """Skip where masks can't take away what this processor doesn't have."""
    flags = Path("/proc/cpuinfo").read_text().partition("\nflags")[2].partition("\n")[0].split()
    if missing := set(features) - set(flags):
        pytest.skip(f"this processor has no {', '.join(sorted(missing))} that could be masked")
