"""Where a team begins a submission, and its page about one: what is asked, what became of it."""

import json
import re
from datetime import timedelta
from typing import Any

import pytest
from django.test import Client
from django.utils import timezone

from ratings.challenge.models import Phase, Team
from ratings.submissions.intake.ingest import MOST_OPEN
from ratings.submissions.models import Bitstream, Run, Submission
from tests.builders import (
    PASSWORD,
    build_decoded_image,
    build_decoder,
    build_submission,
    build_team,
)
from tests.fidelity.builders import build_scored_submission
from tests.web.builders import DAY, build_running_phase
from tests.web.pages import markup, page

pytestmark = pytest.mark.django_db
# Every sample is off by one; 200 bytes for two pictures of 8 x 6.
SCORED = "Scored: 48.13 dB PSNR, at 16.6667 bits per pixel."


@pytest.fixture
def phase() -> Phase:
    return build_running_phase(byte_budget=1000, decoder_rule="required")


@pytest.fixture
def team(phase: Phase, client: Client) -> Team:
    """Return a team that is signed in."""
    team = build_team(phase.challenge, name="xvc", password=PASSWORD)
    body = {"name": "xvc", "password": PASSWORD}
    assert client.post(address(phase, "sign-in/"), body).status_code == 302
    return team


def address(phase: Phase, rest: str) -> str:
    return f"/{phase.challenge.slug}/submit/{rest}"


def new(phase: Phase) -> str:
    return address(phase, f"{phase.slug}/new/")


def own(submission: Submission) -> str:
    return address(submission.phase, f"submissions/{submission.pk}/")


def facts(html: str) -> dict[str, Any]:
    found = re.search(r'<script id="sending" type="application/json">(.*?)</script>', html)
    assert found
    return dict(json.loads(found[1]))


def verdict(html: str) -> str:
    found = re.search(r'<p class="own-verdict part">(.*?)</p>', html)
    assert found
    return found[1]


def test_where_too_many_are_open_the_page_names_them(
    client: Client, phase: Phase, team: Team
) -> None:
    drafts = [build_submission(phase, team, method=f"M{number}") for number in range(MOST_OPEN)]
    html = page(client, new(phase))
    assert f"while these {MOST_OPEN} are open" in html and 'id="sending"' not in html
    assert all(f'<a href="{own(one)}">{one.method}</a>' in html for one in drafts)
    drafts[0].delete()
    assert 'id="sending"' in page(client, new(phase))


def build_run(submission: Submission, **fields: Any) -> Run:
    limits = {"cpu_seconds": 10, "wall_seconds": 40, "memory_bytes": 1 << 30, "processes": 16}
    return Run.objects.create(
        submission=submission, queued_at=timezone.now(), limits=limits, **fields
    )


def test_only_a_signed_in_team_begins(client: Client, phase: Phase) -> None:
    assert client.get(new(phase))["Location"] == address(phase, "sign-in/")


def test_the_page_tells_its_module_what_is_asked(client: Client, phase: Phase, team: Team) -> None:
    told = facts(page(client, new(phase)))
    assert (told["names"], told["budget"], told["decodes"]) == (["a.png", "b.png"], 1000, True)
    assert (told["submission"], told["submissions"]) == ("", "/api/v1/submissions/")
    assert not Submission.objects.exists()  # nothing is begun by looking
    draft = build_submission(phase, team)
    assert facts(page(client, own(draft)))["submission"] == f"/api/v1/submissions/{draft.pk}/"
    assert own(draft) in page(client, new(phase))


def test_where_the_decoder_may_be_left_out_the_page_says_so(client: Client, team: Team) -> None:
    phase = build_running_phase(challenge=team.challenge)
    html = page(client, new(phase))
    assert "Decoder, if you send one" in html
    told = facts(html)
    assert (told["decodes"], told["asksBitstreams"], told["budget"]) == (False, False, None)


@pytest.mark.parametrize(
    ("opens", "closes", "words"),
    [(1, 2, "takes no submissions now: it opens in"), (-2, -1, "takes no submissions now: it is")],
)
def test_outside_of_its_dates_a_phase_names_no_picture(
    client: Client, phase: Phase, team: Team, opens: int, closes: int, words: str
) -> None:
    now = timezone.now()
    Phase.objects.update(opens_at=now + opens * DAY, closes_at=now + closes * DAY)
    html = page(client, new(phase))
    assert words in html
    assert "a.png" not in html


def test_a_used_quota_shows_the_next_instant_and_nothing_to_send(
    client: Client, phase: Phase, team: Team
) -> None:
    Phase.objects.update(submissions_per_day=1)
    at = timezone.now().replace(microsecond=0) - timedelta(hours=1)
    failed = build_submission(phase, team, submitted_at=at, state=Submission.State.FAILED)
    for path in (new(phase), own(failed)):
        html = page(client, path)
        assert "1 of 1 used in the last 24 hours." in html
        assert f'datetime="{(at + DAY).isoformat()}"' in html
        assert 'id="send-form"' not in html and f'href="{new(phase)}"' not in html


def test_a_verdict_says_what_became_of_it(client: Client, phase: Phase, team: Team) -> None:
    scored = build_scored_submission(phase, team)
    assert verdict(page(client, own(scored))) == SCORED
    Phase.objects.update(boards_open_at=timezone.now() + DAY)
    html = page(client, own(scored))
    assert verdict(html).startswith("Scored. The phase hides its scores until ")
    assert "48.13" not in html and "Picture by picture" not in html
    Phase.objects.update(boards_open_at=None)
    assert "until the organizers open the boards" in verdict(page(client, own(scored)))


def test_a_verdict_follows_the_run(client: Client, phase: Phase, team: Team) -> None:
    now = timezone.now()
    other = build_submission(phase, build_team(phase.challenge), state="queued", submitted_at=now)
    mine = build_submission(phase, team, state="queued", submitted_at=now + timedelta(seconds=1))
    assert verdict(page(client, own(mine))) == "Queued: 1 before it."
    other.delete()
    assert verdict(page(client, own(mine))) == "Next in the queue."
    run = build_run(mine, state="running", attempt=2, log="decoding a")
    html = page(client, own(mine))
    assert verdict(html) == "Your decoder runs, attempt 2." and "decoding a" in html
    assert 'data-live="2"' in html  # looked at again soon
    Run.objects.filter(pk=run.pk).update(state="succeeded")
    build_decoded_image(mine, phase.originals()[0])
    assert verdict(page(client, own(mine))) == "Scoring: 0 of 1 pictures."
    Submission.objects.filter(pk=mine.pk).update(state="failed", problems=["Missing image b.png"])
    html = page(client, own(mine))
    assert verdict(html) == "Failed; why stands below." and "Missing image b.png" in html
    assert 'data-live="30"' in html


def test_pictures_come_in_any_order_with_their_originals_once_released(
    client: Client, phase: Phase, team: Team
) -> None:
    scored = build_scored_submission(phase, team)
    Bitstream.objects.filter(submission=scored, original__name="b.png").update(size_bytes=50)

    def names(sort: str) -> list[str]:
        html = page(client, f"{own(scored)}?sort={sort}")
        return re.findall(r'<th scope="row">(\w\.png)</th>', html)

    assert names("bytes") == names("") == ["a.png", "b.png"]
    assert names("-bytes") == names("-name") == ["b.png", "a.png"]
    assert names("nonsense") == ["a.png", "b.png"]
    html = page(client, f"{own(scored)}?sort=bytes")
    assert 'aria-sort="descending"><a class="sort" href="?sort=-bytes#pictures">Bytes</a>' in html
    decoded = f"/api/v1/submissions/{scored.pk}/decoded/a.png"
    slug = phase.challenge.slug
    reference = f"/api/v1/challenges/{slug}/phases/{phase.slug}/originals/a.png"
    assert decoded in html and reference in html
    assert client.get(decoded).status_code == client.get(reference).status_code == 200
    Phase.objects.update(originals_open_at=None)
    html = page(client, own(scored))
    assert decoded in html and reference not in html


def test_what_is_on_the_boards_leads_to_its_public_page(
    client: Client, phase: Phase, team: Team
) -> None:
    scored = build_scored_submission(phase, team)
    entry = f"/{phase.challenge.slug}/{phase.slug}/{scored.pk}/"
    assert entry in page(client, own(scored))
    assert client.get(entry).status_code == 200
    worse = build_scored_submission(phase, team, error=9)
    assert f"/{phase.slug}/{worse.pk}/" not in page(client, own(worse))
    phase.boards_frozen_from = timezone.now() - DAY / 2
    phase.save()
    assert entry not in page(client, own(scored))


def test_a_draft_of_a_phase_that_is_over_takes_no_files(
    client: Client, phase: Phase, team: Team
) -> None:
    draft = build_submission(phase, team)
    Phase.objects.update(closes_at=timezone.now())
    html = page(client, own(draft))
    assert "closed: " in html and "was its end." in html and 'id="send-form"' not in html
    Submission.objects.update(late_note="A power cut")
    assert 'id="send-form"' in page(client, own(draft))


def test_no_run_is_said_where_pictures_were_sent(client: Client, phase: Phase, team: Team) -> None:
    assert "scored as you sent them" in page(client, own(build_scored_submission(phase, team)))


def test_a_draft_of_another_team_is_nobody_s(client: Client, phase: Phase, team: Team) -> None:
    foreign = build_submission(phase, build_team(phase.challenge))
    build_decoder(foreign)
    assert client.get(own(foreign)).status_code == 404
    assert own(foreign) not in markup(client.get(new(phase)))


def test_a_new_submission_begins_with_the_environment_that_was_picked_last(
    client: Client, phase: Phase, team: Team
) -> None:
    environments = [{"slug": "plain", "source": "python"}, {"slug": "deep", "source": "torch"}]
    Phase.objects.filter(pk=phase.pk).update(environments=environments)
    assert 'value="plain" selected' in markup(client.get(new(phase)))
    begun = build_submission(phase, team, environment="deep", begun_by="Ann", submitted_by="Bob")
    assert 'value="deep" selected' in markup(client.get(new(phase)))
    assert "and closed by" in markup(client.get(own(begun)))
