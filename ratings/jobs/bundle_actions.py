"""Asking for a study's replication bundle: put on record and queued at once."""

from datetime import datetime

from django.db import transaction

from ratings.comparisons.models import Study
from ratings.jobs.tasks import make_bundle
from ratings.ranking.bundles.stored_bundles import ask_for
from ratings.ranking.models import Bundle


def ask(study: Study, by: str, at: datetime) -> Bundle:
    """Queue a bundle of the study and return it; the one that is under way, if there is one."""
    with transaction.atomic():
        bundle, is_new = ask_for(study, by, at)
        if is_new:
            make_bundle.defer(bundle_id=bundle.pk)
    return bundle
