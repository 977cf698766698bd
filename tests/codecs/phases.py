"""Phases whose pictures codecs can compress."""

from typing import Any

from ratings.challenge.models import Phase
from tests.builders import build_dataset, build_original, build_phase
from tests.codecs.pictures import PICTURES

BUDGET = 9000


def build_photo_phase(**fields: Any) -> Phase:
    """Save a phase of pictures that codecs can compress."""
    dataset = build_dataset()
    for name, rgb in PICTURES.items():
        build_original(dataset, rgb, name=name)
    return build_phase(dataset.challenge, datasets=[dataset], **({"byte_budget": BUDGET} | fields))
