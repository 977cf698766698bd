"""Leases of runs as the API shows them, and what workers elsewhere tell."""

from typing import Any

from rest_framework import serializers

from ratings.api.parts.json_views import StrictSerializer, TextField, TrueOrFalse
from ratings.sandbox.environments.recipes import USUAL
from ratings.submissions.models import Run
from ratings.submissions.runs.concluding import expected
from ratings.submissions.runs.elsewhere import bitstreams_of
from ratings.submissions.runs.lease import LEASE_SECONDS

LONGEST_WORDS = 2000
MOST_SOURCES = 100  # of one worker


class WorkerSerializer(StrictSerializer):
    """What a worker tells of itself when it asks for a run."""

    machine = TextField(max_length=50, help_text="As `uname -m` names it.")
    processor = TextField(max_length=200, allow_blank=True)
    environment = serializers.DictField(
        child=serializers.CharField(allow_blank=True), help_text="What a result may depend on."
    )
    sources = serializers.ListField(
        child=TextField(max_length=300),
        max_length=MOST_SOURCES,
        default=[USUAL],
        help_text="Of the environments that it has: it gets runs in these alone.",
    )
    gpu = TrueOrFalse(default=False, help_text="Whether decoders may have a GPU there.")


class FaultSerializer(StrictSerializer):
    """Why a worker does not carry out a run, or can't carry out any."""

    fault = serializers.CharField(max_length=LONGEST_WORDS)


class LeasedFileSerializer(serializers.Serializer[Any]):
    """A file that a decoder needs; a decoder itself has no name."""

    name = serializers.CharField()
    size_bytes = serializers.IntegerField()
    sha256 = serializers.CharField()


class WantedPictureSerializer(serializers.Serializer[Any]):
    """A picture that the decoder is to make, and how many bytes of it are taken."""

    name = serializers.CharField()
    limit_bytes = serializers.IntegerField()


class LeaseSerializer(serializers.Serializer[Any]):
    """A run that is leased; its address is `/api/v1/leases/{run}/{attempt}/`."""

    run = serializers.IntegerField(source="pk")
    attempt = serializers.IntegerField()
    source = serializers.CharField(  # type: ignore[assignment]
        help_text="Of the environment in which it is to run."
    )
    gpu = serializers.BooleanField(help_text="Whether it asks for a GPU.")
    seconds = serializers.FloatField(
        help_text="The lease ends where it is not renewed for so long."
    )
    limits = serializers.DictField(help_text="Numbers, as the submission's run has them.")
    world = serializers.CharField(help_text="The arithmetic that it is to be run in.")
    decoder = LeasedFileSerializer()
    bitstreams = LeasedFileSerializer(many=True)
    pictures = WantedPictureSerializer(many=True)


class NamedImagesSerializer(serializers.Serializer[Any]):
    """The images that phases name as environments, each by its digest."""

    images = serializers.ListField(child=serializers.CharField())


def leased_run(run: Run) -> dict[str, Any]:
    """Return a run that was claimed as its lease shows it."""
    decoder, (originals, slots) = run.submission.decoder, expected(run)
    facts_of = ("name", "size_bytes", "sha256")
    return {
        "pk": run.pk,
        "attempt": run.attempt,
        "source": run.source,
        "gpu": run.gpu,
        "seconds": LEASE_SECONDS,
        "limits": run.limits,
        "decoder": {"name": "decoder", "size_bytes": decoder.size_bytes, "sha256": decoder.sha256},
        "world": run.world,
        "bitstreams": bitstreams_of(run).values(*facts_of),
        "pictures": [
            {"name": o.name, "limit_bytes": slots.find("decoded", o.name).limit_bytes}
            for o in originals
        ],
    }
