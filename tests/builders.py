"""Plain functions that build what tests need; every keyword has a default that just works."""

import itertools
import zlib
from collections.abc import Sequence
from datetime import UTC, datetime, timedelta
from typing import Any

import numpy as np
from django.contrib.auth.hashers import make_password
from django.contrib.auth.models import User
from numpy.typing import NDArray

from ratings.challenge.access.tokens import issue_token
from ratings.challenge.models import Challenge, Dataset, Member, Original, Phase, Team
from ratings.challenge.pictures.originals import load_original
from ratings.challenge.teams.team_names import team_key
from ratings.imaging.pixels import encode_png
from ratings.storage import content_store
from ratings.submissions.models import Bitstream, DecodedImage, Decoder, Submission

# An instant within the default phase, and the phase's first and last day.
NOW = datetime(2018, 4, 10, 12, tzinfo=UTC)
OPENS = NOW - timedelta(days=1)
CLOSES = NOW + timedelta(days=1)
PASSWORD = "correct horse"

_numbers = itertools.count(1)


def build_rgb(*, width: int = 8, height: int = 6, seed: int = 1) -> NDArray[np.uint8]:
    """Return random samples of shape (height, width, 3), uint8."""
    shape = (height, width, 3)
    return np.random.default_rng(seed).integers(0, 256, shape, dtype=np.uint8)


def build_challenge(**fields: Any) -> Challenge:
    """Save a challenge with no phases."""
    slug = f"challenge-{next(_numbers)}"
    return Challenge.objects.create(**({"slug": slug, "name": "A challenge"} | fields))


def build_dataset(challenge: Challenge | None = None, **fields: Any) -> Dataset:
    """Save a data set without pictures."""
    fields = {"slug": f"set-{next(_numbers)}", "name": "A data set"} | fields
    return Dataset.objects.create(challenge=challenge or build_challenge(), **fields)


def build_original(
    dataset: Dataset | None = None,
    rgb: NDArray[np.uint8] | None = None,
    *,
    name: str | None = None,
) -> Original:
    """Save an original from its samples; its file and its raw samples are stored too."""
    number = next(_numbers)
    rgb = build_rgb(seed=number) if rgb is None else rgb
    png = encode_png(rgb)
    return Original.objects.create(
        dataset=dataset or build_dataset(),
        name=name or f"picture-{number:04d}.png",
        width=rgb.shape[1],
        height=rgb.shape[0],
        size_bytes=len(png),
        sha256=content_store.store(png),
        crc32=zlib.crc32(png),
        samples_sha256=content_store.store(rgb.tobytes()),
    )


def build_phase(
    challenge: Challenge | None = None,
    *,
    datasets: Sequence[Dataset] | None = None,
    names: Sequence[str] = ("a.png", "b.png"),
    **fields: Any,
) -> Phase:
    """Save a phase that is open at NOW, with one data set of small pictures called `names`."""
    challenge = challenge or build_challenge()
    if datasets is None:
        datasets = [build_dataset(challenge)]
        for name in names:
            build_original(datasets[0], name=name)
    number = next(_numbers)
    defaults = {
        "slug": f"phase-{number}",
        "name": "A phase",
        "position": number,
        "opens_at": OPENS,
        "closes_at": CLOSES,
    }
    phase = Phase.objects.create(challenge=challenge, **(defaults | fields))
    phase.datasets.set(datasets)
    return phase


def build_team(challenge: Challenge | None = None, *, password: str = "", **fields: Any) -> Team:
    """Save a team; without `password` nobody can log in as it."""
    name = fields.pop("name", f"Team {next(_numbers)}")
    secret = make_password(password) if password else ""
    return Team.objects.create(
        challenge=challenge or build_challenge(),
        name=name,
        key=team_key(name),
        password=secret,
        **fields,
    )


def build_member(team: Team, *, password: str = "", **fields: Any) -> Member:
    """Save a member of a team; without `password` nobody can log in as them."""
    name = fields.pop("name", f"Member {next(_numbers)}")
    secret = make_password(password) if password else ""
    defaults = {"key": team_key(name), "password": secret, "joined_at": NOW}
    return Member.objects.create(
        challenge=team.challenge, team=team, name=name, **(defaults | fields)
    )


def build_submission(
    phase: Phase | None = None, team: Team | None = None, **fields: Any
) -> Submission:
    """Save an open submission without files."""
    phase = phase or build_phase()
    team = team or build_team(phase.challenge)
    defaults = {"method": "a method", "created_at": NOW}
    return Submission.objects.create(phase=phase, team=team, **(defaults | fields))


def build_decoded_image(
    submission: Submission, original: Original, rgb: NDArray[np.uint8] | None = None
) -> DecodedImage:
    """Save the decoded version of one original; without `rgb`, identical to the original."""
    if rgb is None:
        rgb = load_original(original)
    png = encode_png(np.asarray(rgb))
    return DecodedImage.objects.create(
        submission=submission,
        original=original,
        size_bytes=len(png),
        sha256=content_store.store(png),
    )


def build_bitstream(
    submission: Submission, original: Original, content: bytes = b"bits"
) -> Bitstream:
    """Save the bitstream of one original."""
    return Bitstream.objects.create(
        submission=submission,
        original=original,
        name=f"{original.stem}.bits",
        size_bytes=len(content),
        sha256=content_store.store(content),
    )


def build_decoder(submission: Submission, content: bytes = b"#!/bin/sh\n") -> Decoder:
    """Save the submission's decoder."""
    sha256 = content_store.store(content)
    return Decoder.objects.create(submission=submission, size_bytes=len(content), sha256=sha256)


def build_organizer(**fields: Any) -> User:
    """Save a user who may do what organizers do."""
    defaults: dict[str, Any] = {"username": f"organizer-{next(_numbers)}", "is_staff": True}
    return User.objects.create_user(**(defaults | fields))


def build_token(user: User | None = None, label: str = "test") -> str:
    """Issue a bearer token of an organizer and return it."""
    return issue_token(user or build_organizer(), label)
