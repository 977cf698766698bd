"""The keys that say how a trial looks and which answers are kept: fixed once trials were issued."""

from django.db.models import QuerySet

from ratings.comparisons.models import Stage, Study, Trial


def trials_of_main(study: Study) -> QuerySet[Trial]:
    """Return the trials that hold a study to these keys: what a pilot teaches may change them."""
    return Trial.objects.filter(rater__study=study, rater__stage=Stage.MAIN)


def shown_as(study: Study) -> dict[str, str]:
    """Return how a trial looks, what may be answered and what is kept, as the file writes it."""
    protocol = study.protocol
    return {
        "layout": f'"{protocol.layout}"',
        "enlarge": str(protocol.enlarge),
        "ties_allowed": str(study.ties_allowed).lower(),
        # Answers are dropped as they come: one ranking must not mix two rules.
        "screening.drop_under_ms": str(protocol.screening.drop_under_ms),
        "screening.drop_unflipped": str(protocol.screening.drop_unflipped).lower(),
    }
