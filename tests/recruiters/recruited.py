"""Studies with a recruiter, and people who come by its platform."""

from dataclasses import replace
from datetime import timedelta
from typing import Any
from urllib.parse import parse_qsl, urlsplit

from ratings.comparisons.models import Rater, RecruiterAct, Recruitment, Study
from ratings.comparisons.protocol import Platform, Recruiting
from ratings.comparisons.raters.recruiting import admit, read_entry_request
from ratings.comparisons.study.recruiter_keys import RecruiterTable
from ratings.recruiters.recruiter_orders import make_draft, publish
from ratings.recruiters.recruiting_turns import take_turn
from tests.builders import NOW
from tests.comparisons.builders import PLAIN, build_study
from tests.recruiters.platform_control import Control

PROLIFIC = Platform(
    "prolific",
    completion_code="C1A2",
    screenout_code="S3B4",
    completion_url="https://app.prolific.com/submissions/complete?cc={code}",
)
TABLE = RecruiterTable(
    "prolific", reward=150, currency="GBP", money_limit=5000, step=4, description="Compare."
)
PROTOCOL = replace(PLAIN, recruiting=Recruiting(open=False, platforms=(PROLIFIC,)))
LINK = (
    "https://site.test/rate/S/?PROLIFIC_PID={{%PROLIFIC_PID%}}&STUDY_ID={{%STUDY_ID%}}"
    "&SESSION_ID={{%SESSION_ID%}}"
)
PRICE = 210  # of a reward of 150: a third more, and 20 % VAT on that


def recruited_study(**keys: Any) -> Study:
    """Save a study with a recruiter whose keys are TABLE's, but for these."""
    table = replace(TABLE, **keys)
    return build_study(protocol=PROTOCOL, recruiters=[table.as_json()])


class Clock:
    """Stands still until it is moved on."""

    def __init__(self) -> None:
        self.now = NOW

    def __call__(self) -> Any:  # noqa: ANN401
        return self.now

    def on(self, **span: float) -> None:
        self.now += timedelta(**span)


class Desk:
    """A recruitment, from the draft on, on the tests' platform."""

    def __init__(self, platform: Control, study: Study | None = None, **keys: Any) -> None:
        self.platform, self.clock = platform, Clock()
        self.study = study or recruited_study(**keys)
        self.pk = make_draft(self.study, "prolific", LINK, "olga", NOW).pk

    def turn(self, times: int = 1) -> Recruitment:
        """Take turns, a minute apart."""
        for _ in range(times):
            take_turn(self.pk, self.platform.api(), self.clock)
            self.clock.on(minutes=1)
        return self.row()

    def row(self) -> Recruitment:
        return Recruitment.objects.select_related("study").get(pk=self.pk)

    def published(self) -> "Desk":
        self.turn()
        publish(self.row(), "olga", NOW)
        self.turn()
        return self

    def person(self, name: str) -> Rater | None:
        """Let a person come by the platform's link; None where it has no place."""
        came = self.platform.arrive(name)
        if came is None:
            return None
        entry = read_entry_request(self.study, dict(parse_qsl(urlsplit(came["link"]).query)))
        return admit(self.study, None, entry, NOW)[0]

    def finish(self, rater: Rater) -> None:
        """Let a rater be done here and hand the code in there."""
        Rater.objects.filter(pk=rater.pk).update(finished_at=NOW)
        self.platform.come(rater.recruit.platform_session)

    def acts(self) -> list[tuple[str, str]]:
        """Return each act's kind and state."""
        rows = RecruiterAct.objects.filter(recruitment=self.pk).order_by("pk")
        return list(rows.values_list("kind", "state"))
