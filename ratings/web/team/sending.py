"""The part of a page where a team chooses files and sends them: what its module has to know."""

from typing import Any

from django.http import HttpRequest
from django.middleware.csrf import get_token
from django.urls import reverse

from ratings.submissions.intake.closing import MIXED_ENDINGS, OVER_BUDGET
from ratings.submissions.intake.decoder_rules import must_decode
from ratings.submissions.intake.slots import UNKNOWN_BITSTREAM, UNKNOWN_DECODED
from ratings.submissions.models import Submission


class Sending:
    """What is asked of a submission that is open, or that is not begun yet and has no row.

    The server looks at all that arrives; the module tells sooner what is sure to be refused, in
    the server's own words.
    """

    texts = {
        "unknown-decoded": UNKNOWN_DECODED,
        "unknown-bitstream": UNKNOWN_BITSTREAM,
        "over-budget": OVER_BUDGET,
        "mixed-endings": MIXED_ENDINGS,
    }

    def __init__(self, submission: Submission, request: HttpRequest) -> None:
        phase = submission.phase
        self.method = submission.method
        self.decodes = must_decode(submission)
        is_begun = submission.created_at is not None
        slug = phase.challenge.slug
        address = reverse("api:submission", args=[submission.pk])
        self.facts: dict[str, Any] = {
            "challenge": slug,
            "phase": phase.slug,
            "submissions": reverse("api:submissions"),
            "submission": address if is_begun else "",
            "page": reverse("web:submit", args=[slug]) + "submissions/",
            "token": get_token(request),
            "names": [original.name for original in phase.originals()],
            "budget": phase.byte_budget,
            "decodes": self.decodes,
            "asksBitstreams": self.decodes or phase.byte_budget is not None,
        }
