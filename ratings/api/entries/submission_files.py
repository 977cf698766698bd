"""The files of a submission: sent one by one or by one zip, and listed."""

from collections.abc import Iterator
from contextlib import contextmanager
from uuid import UUID

from django.http import HttpResponseBase
from django.shortcuts import get_object_or_404
from drf_spectacular.types import OpenApiTypes
from drf_spectacular.utils import extend_schema
from rest_framework.request import Request
from rest_framework.response import Response

from ratings.api.entries.submission_shapes import (
    ArchiveSerializer,
    FilesSerializer,
    ReceiptSerializer,
)
from ratings.api.entries.submissions import SubmissionView
from ratings.api.parts.downloads import send_file, stored
from ratings.api.parts.uploads import DIGEST, PNG, RAW, ZIP, content_digest, read_body
from ratings.challenge.access.limits import one_of
from ratings.http.security_headers import PRIVATE
from ratings.submissions.intake import archive, closing, ingest
from ratings.submissions.intake.ingest import Receipt
from ratings.submissions.intake.slots import Kind
from ratings.submissions.models import Submission

# A stranger's file: a picture within a page, and nothing else whatever a browser thinks of it.
PNG_HEADERS = {"Content-Security-Policy": "default-src 'none'; sandbox", "Cache-Control": PRIVATE}


class UploadView(SubmissionView):
    """Takes files; a team sends some at the same time, not any number."""

    @contextmanager
    def sent(self, request: Request, submission: Submission) -> Iterator[Iterator[bytes]]:
        """Give the request's body as it arrives. Raises Refused, code "at-once"."""
        with one_of("upload", str(submission.team_id), self.received_at) as slot:
            yield slot.keep(read_body(request))


class FileView(UploadView):
    """One file of a submission."""

    http_method_names = ["put", "options"]

    def store(self, request: Request, submission_id: UUID, kind: Kind, name: str) -> Response:
        """Store the request's body as that file."""
        submission = self.own(request, submission_id)
        with self.sent(request, submission) as chunks:
            receipt = ingest.put(
                submission,
                kind,
                name,
                chunks,
                received_at=self.received_at,
                sha256=content_digest(request),
            )
        status = 201 if receipt.outcome == "created" else 200
        return Response(ReceiptSerializer(receipt).data, status=status)


class DecodedImageView(FileView):
    """The decoded version of one original."""

    http_method_names = ["get", "head", "put", "options"]

    @extend_schema(
        operation_id="download_decoded_image",
        responses={(200, "image/png"): OpenApiTypes.BINARY},
    )
    def get(  # type: ignore[override]
        self, request: Request, submission_id: UUID, name: str
    ) -> HttpResponseBase:
        """Download the PNG of one picture: as it was sent, or as the decoder made it here."""
        images = self.own(request, submission_id).decoded_images
        found = get_object_or_404(images, original__name=name)
        file = stored(found.sha256, "image/png", name, attached=False)
        return send_file(request, file, PNG_HEADERS)

    @extend_schema(
        operation_id="put_decoded_image",
        request=PNG,
        parameters=[DIGEST],
        responses={200: ReceiptSerializer, 201: ReceiptSerializer},
    )
    def put(self, request: Request, submission_id: UUID, name: str) -> Response:
        """Send the PNG of one picture, called like its original; it is checked wholly at once."""
        return self.store(request, submission_id, "decoded", name)


class BitstreamView(FileView):
    """The bitstream of one original."""

    @extend_schema(
        operation_id="put_bitstream",
        request=RAW,
        parameters=[DIGEST],
        responses={200: ReceiptSerializer, 201: ReceiptSerializer},
    )
    def put(self, request: Request, submission_id: UUID, name: str) -> Response:
        """Send the compressed file of one picture: its original's name, any short suffix."""
        return self.store(request, submission_id, "bitstreams", name)


class DecoderView(FileView):
    """The submission's decoder."""

    @extend_schema(
        operation_id="put_decoder",
        request=RAW,
        parameters=[DIGEST],
        responses={200: ReceiptSerializer, 201: ReceiptSerializer},
    )
    def put(self, request: Request, submission_id: UUID) -> Response:
        """Send the decoder: an executable, or a zip that holds one called `decode`."""
        return self.store(request, submission_id, "decoder", "decoder")


class ArchiveView(UploadView):
    """All files of a submission in one zip."""

    http_method_names = ["put", "options"]

    @extend_schema(
        operation_id="put_archive",
        request=ZIP,
        parameters=[DIGEST],
        responses=ArchiveSerializer,
    )
    def put(self, request: Request, submission_id: UUID) -> Response:
        """Send `decoded/NAME.png`, `bitstreams/NAME` and `decoder` as one zip, all or nothing."""
        submission = self.own(request, submission_id)
        with self.sent(request, submission) as chunks:
            receipts: list[Receipt] = archive.put_archive(
                submission,
                chunks,
                received_at=self.received_at,
                sha256=content_digest(request),
            )
        missing = closing.progress_of_submission(submission).missing
        return Response(ArchiveSerializer({"files": receipts, "missing": missing}).data)


class FilesView(SubmissionView):
    """What a submission holds."""

    http_method_names = ["get", "head", "options"]

    @extend_schema(operation_id="list_files", responses=FilesSerializer)
    def get(self, request: Request, submission_id: UUID) -> Response:
        """List path, bytes and SHA-256 of each file, so that an upload can go on where it was."""
        files = ingest.files_of(self.own(request, submission_id))
        return Response(FilesSerializer({"results": files}).data)
