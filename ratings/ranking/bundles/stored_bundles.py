"""Replication bundles that are stored: asked for, made, fetched by a link, and gone in time.

The link's signature is made of the row's key, so nobody finds one by reading rows; what it opens is
gone with the row.
"""

import hashlib
import logging
from collections.abc import Callable
from datetime import datetime, timedelta
from pathlib import Path
from tempfile import TemporaryDirectory

from django.core.signing import Signer
from django.db import transaction
from django.db.models import QuerySet
from django.utils.crypto import constant_time_compare

from ratings.comparisons.models import Study
from ratings.ranking.bundles.checked_bundle import OtherScores, write_checked_bundle
from ratings.ranking.bundles.packed_folder import pack
from ratings.ranking.models import Bundle
from ratings.storage import deletion
from ratings.storage.content_store import received
from ratings.storage.scratch import INCOMING, scratch

# From when it was ready, or failed: as long as its link is good.
KEPT = timedelta(days=7)
FAILED = "The server could not make it; its log says why. Ask for another one."
_signer = Signer(salt="ratings.bundle")
_log = logging.getLogger(__name__)


def ask_for(study: Study, by: str, at: datetime) -> tuple[Bundle, bool]:
    """Return the study's bundle that is under way, and whether it is a new one."""
    return Bundle.objects.get_or_create(
        study=study,
        state__in=Bundle.UNDER_WAY,
        defaults={"state": Bundle.State.WAITING, "by": by, "asked_at": at},
    )


def make(bundle_id: int, clock: Callable[[], datetime]) -> None:
    """Make a bundle that was asked for, and store it; one that was revoked is left alone.

    It can be done again from the start, as after its worker was killed.
    """
    bundle = _under_way(bundle_id).select_related("study").first()
    if bundle is None:
        return
    try:
        _make(bundle, clock)
    except OtherScores as error:
        _end(bundle, clock(), state=Bundle.State.FAILED, problem=str(error))
    except Exception:
        _log.exception("The bundle %s of study %s can't be made.", bundle.pk, bundle.study.slug)
        _end(bundle, clock(), state=Bundle.State.FAILED, problem=FAILED)


def signature(bundle: Bundle) -> str:
    """Return what its link has beside its key: letters, digits, - and _."""
    return _signer.signature(str(bundle.pk))


def fetched(bundle_id: int, signed: str, at: datetime) -> Bundle | None:
    """Return the bundle that a link opens; None where it is forged, revoked or over."""
    ready = Bundle.objects.select_related("study").filter(
        pk=bundle_id, state=Bundle.State.READY, expires_at__gt=at
    )
    bundle = ready.first()
    return bundle if bundle and constant_time_compare(signature(bundle), signed) else None


def file_name(bundle: Bundle) -> str:
    """Return what its zip is called: the study and the day."""
    return f"{bundle.study.slug}-{bundle.ended_at or bundle.asked_at:%Y-%m-%d}.zip"


def revoke(bundles: QuerySet[Bundle], at: datetime) -> int:
    """Take bundles back, with their links and files; return how many."""
    with transaction.atomic():
        taken = list(bundles.select_for_update(of=["self"]))
        Bundle.objects.filter(pk__in=[bundle.pk for bundle in taken]).delete()
        deletion.discard([bundle.sha256 for bundle in taken if bundle.sha256], at)
    return len(taken)


def drop_expired(at: datetime) -> int:
    """Drop the bundles whose time is over; return how many."""
    return revoke(Bundle.objects.filter(expires_at__lte=at), at)


def _make(bundle: Bundle, clock: Callable[[], datetime]) -> None:
    with TemporaryDirectory(dir=scratch(INCOMING)) as temporary:
        folder, archive = Path(temporary, bundle.study.slug), Path(temporary, "zip")
        folder.mkdir()
        _under_way(bundle.pk).update(state=Bundle.State.WRITING, begun_at=clock())
        words = write_checked_bundle(bundle.study, folder)
        _under_way(bundle.pk).update(state=Bundle.State.PACKING)
        pack(folder, archive)
        with archive.open("rb") as file:
            digest = hashlib.file_digest(file, "sha256").hexdigest()
        incoming = received(archive, archive.stat().st_size, digest)
        with transaction.atomic():
            deletion.keep(incoming)
            _end(
                bundle,
                clock(),
                state=Bundle.State.READY,
                check_words=words,
                size_bytes=incoming.size_bytes,
                sha256=digest,
            )


def _under_way(bundle_id: int) -> QuerySet[Bundle]:
    return Bundle.objects.filter(pk=bundle_id, state__in=Bundle.UNDER_WAY)


def _end(bundle: Bundle, at: datetime, **fields: object) -> None:
    """Note how it ended; of a bundle that was revoked meanwhile nothing is left."""
    _under_way(bundle.pk).update(ended_at=at, expires_at=at + KEPT, **fields)
