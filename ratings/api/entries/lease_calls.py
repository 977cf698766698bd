"""Runs of decoders on other machines: leased to workers, and delivered by them."""

from collections.abc import Mapping, Sequence

from django.conf import settings
from django.http import HttpResponseBase
from django.shortcuts import get_object_or_404
from drf_spectacular.types import OpenApiTypes
from drf_spectacular.utils import extend_schema
from rest_framework import serializers
from rest_framework.request import Request
from rest_framework.response import Response

from ratings.api.entries.lease_shapes import (
    FaultSerializer,
    LeaseSerializer,
    NamedImagesSerializer,
    WorkerSerializer,
    leased_run,
)
from ratings.api.parts.downloads import send_file, stored
from ratings.api.parts.json_views import ApiView
from ratings.api.parts.uploads import DIGEST, PNG, RAW, content_digest, read_body
from ratings.api.parts.worker_login import WorkerAuthentication, worker_asking
from ratings.challenge.refusals import Refused
from ratings.http.security_headers import PRIVATE
from ratings.jobs.delivery_tasks import queue_judging
from ratings.sandbox.entry_runs import decoding_machine
from ratings.sandbox.environments.recipes import USUAL
from ratings.sandbox.results.run_records import facts
from ratings.sandbox.run_limits import MIB
from ratings.submissions.models import Run
from ratings.submissions.runs import deliveries, site_sources, workers
from ratings.submissions.runs.elsewhere import bitstreams_of
from ratings.submissions.runs.lease import claim_next

# A worker that finds no run asks again after so long.
POLL_SECONDS = 5
# Of a stranger's program: no browser is to do anything with it.
HEADERS = {"Content-Security-Policy": "default-src 'none'; sandbox", "Cache-Control": PRIVATE}
LARGEST_LOG_BYTES = 2 * MIB  # a run's log has at most one


class LeaseList(ApiView):
    """Where a worker asks for the next run."""

    authentication_classes = [WorkerAuthentication]

    @extend_schema(
        operation_id="lease_run",
        request=WorkerSerializer,
        responses={200: LeaseSerializer, 204: None},
    )
    def post(self, request: Request) -> Response:
        """Lease the run that has waited longest; 204 where none waits, with `Retry-After`."""
        worker = worker_asking(request)
        body = WorkerSerializer(data=request.data)
        body.is_valid(raise_exception=True)
        told = body.validated_data
        workers.note(
            worker.pk, self.received_at, "", _facts(told["environment"]), told["processor"]
        )
        workers.note_sources(worker, told["sources"], gpu=told["gpu"])
        require_fit(told["machine"], told["environment"], told["sources"])
        run = claim_next(worker, self.received_at)
        if run is None:
            return Response(status=204, headers={"Retry-After": str(POLL_SECONDS)})
        return Response(LeaseSerializer(leased_run(run)).data)


class NamedImages(ApiView):
    """Where a worker learns which images may be asked of it."""

    authentication_classes = [WorkerAuthentication]

    @extend_schema(operation_id="named_images", responses=NamedImagesSerializer)
    def get(self, request: Request) -> Response:
        """List the images that phases name; a worker tells which of them it has."""
        worker_asking(request)
        return Response({"images": site_sources.named_images()})


class WorkerFault(ApiView):
    """Where a worker says why it can't run decoders."""

    authentication_classes = [WorkerAuthentication]

    @extend_schema(operation_id="tell_fault", request=FaultSerializer, responses={204: None})
    def post(self, request: Request) -> Response:
        """Tell organizers, at the desk, why this worker takes no run."""
        worker, fault = worker_asking(request), _fault(request)
        workers.note(worker.pk, self.received_at, fault)
        return Response(status=204)


class LeaseView(ApiView):
    """A lease that a worker holds; all below it is answered with 409 once it has ended."""

    authentication_classes = [WorkerAuthentication]

    def run_of(self, request: Request, run_id: int, attempt: int) -> Run:
        """Return the run of the lease. Raises Refused, code "lease-lost"."""
        worker = worker_asking(request)
        return deliveries.held_by(worker, run_id, attempt)


class LeaseRenewal(LeaseView):
    """A lease's heartbeat."""

    @extend_schema(operation_id="renew_lease", request=None, responses={204: None})
    def post(self, request: Request, run_id: int, attempt: int) -> Response:
        """Renew the lease for as long again."""
        run = self.run_of(request, run_id, attempt)
        deliveries.renew_lease(run, self.received_at)
        return Response(status=204)


class LeaseLog(LeaseView):
    """The log of a run that goes on."""

    @extend_schema(
        operation_id="put_run_log", request=RAW, parameters=[DIGEST], responses={204: None}
    )
    def put(self, request: Request, run_id: int, attempt: int) -> Response:
        """Send all that the program has printed so far; it renews the lease too."""
        run = self.run_of(request, run_id, attempt)
        log = b"".join(read_body(request, LARGEST_LOG_BYTES))
        deliveries.renew_lease(run, self.received_at, log)
        return Response(status=204)


class LeasedDecoder(LeaseView):
    """The decoder of a leased run."""

    @extend_schema(
        operation_id="leased_decoder",
        responses={(200, "application/octet-stream"): OpenApiTypes.BINARY},
    )
    def get(self, request: Request, run_id: int, attempt: int) -> HttpResponseBase:
        """Download the decoder as it was sent."""
        run = self.run_of(request, run_id, attempt)
        return _send(request, run.submission.decoder.sha256, "decoder")


class LeasedBitstream(LeaseView):
    """A bitstream of a leased run."""

    @extend_schema(
        operation_id="leased_bitstream",
        responses={(200, "application/octet-stream"): OpenApiTypes.BINARY},
    )
    def get(self, request: Request, run_id: int, attempt: int, name: str) -> HttpResponseBase:
        """Download a bitstream as it was sent."""
        run = self.run_of(request, run_id, attempt)
        bitstream = get_object_or_404(bitstreams_of(run), name=name)
        return _send(request, bitstream.sha256, name)


class DeliveredPicture(LeaseView):
    """A picture that the decoder made."""

    @extend_schema(
        operation_id="deliver_picture", request=PNG, parameters=[DIGEST], responses={204: None}
    )
    def put(self, request: Request, run_id: int, attempt: int, name: str) -> Response:
        """Send the picture as the decoder made it, called like its original."""
        run = self.run_of(request, run_id, attempt)
        deliveries.receive_picture(
            run, name, read_body(request), content_digest(request), self.received_at
        )
        return Response(status=204)


class DeliveredRecord(LeaseView):
    """What came of a run beside its pictures."""

    @extend_schema(
        operation_id="deliver_record", request=RAW, parameters=[DIGEST], responses={204: None}
    )
    def put(self, request: Request, run_id: int, attempt: int) -> Response:
        """End the lease by what came of the run, as JSON; the same again changes nothing."""
        deliveries.receive_record(
            worker_asking(request),
            run_id,
            attempt,
            read_body(request),
            content_digest(request),
            self.received_at,
            queue_judging,
        )
        return Response(status=204)


class LeaseRelease(LeaseView):
    """Where a worker gives a run up."""

    @extend_schema(operation_id="release_run", request=FaultSerializer, responses={204: None})
    def post(self, request: Request, run_id: int, attempt: int) -> Response:
        """Let another worker carry the run out; organizers see the fault."""
        run, fault = self.run_of(request, run_id, attempt), _fault(request)
        deliveries.release_lease(run, fault, self.received_at)
        workers.note(run.worker_id, self.received_at, fault)
        return Response(status=204)


def require_fit(machine: str, environment: Mapping[str, str], sources: Sequence[str]) -> None:
    """Refuse a machine on which decoders would not run as they do here.

    Raises Refused, code "worker-unfit": for another kind of processor, or another image in place of
    the usual environment.
    """
    image = settings.SANDBOX_IMAGE
    kind = decoding_machine(USUAL, image).kind
    if machine != kind:
        words = f"Decoders of this site are built for {kind}, and this machine is {machine}."
        raise Refused("worker-unfit", words)
    if USUAL in sources and _digest(image) != _digest(environment.get("image", "")):
        words = f"set RATINGS_SANDBOX_IMAGE={image}" if image else "unset RATINGS_SANDBOX_IMAGE"
        raise Refused("worker-unfit", f"The site runs decoders in another environment; {words}.")


def _digest(image: str) -> str:
    return image.rpartition("sha256:")[2]


def _facts(environment: Mapping[str, str]) -> dict[str, str]:
    try:
        return facts(environment)
    except ValueError as error:
        raise serializers.ValidationError({"environment": [f"{error}."]}) from error


def _fault(request: Request) -> str:
    body = FaultSerializer(data=request.data)
    body.is_valid(raise_exception=True)
    return str(body.validated_data["fault"])


def _send(request: Request, sha256: str, name: str) -> HttpResponseBase:
    file = stored(sha256, "application/octet-stream", name, attached=True)
    return send_file(request, file, HEADERS)
