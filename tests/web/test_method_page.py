"""A method's page: what it says, to whom, and that it keeps the judging blind."""

import re
from uuid import uuid4

import pytest
from django.test import Client
from django.utils import timezone

from ratings.challenge.models import Phase
from ratings.comparisons.models import CropVersion, Entry, Study
from ratings.comparisons.study.entries import set_active
from ratings.fidelity.psnr_board import board_submissions
from ratings.submissions.models import Submission
from tests.builders import build_organizer, build_submission
from tests.fidelity.builders import build_scored_submission
from tests.ranking.builders import build_two_datasets
from tests.web.builders import DAY, build_ranked_study, build_running_phase, build_scored_study
from tests.web.pages import markup

pytestmark = pytest.mark.django_db


def address(submission: Submission, below: str = "") -> str:
    phase = submission.phase
    return f"/{phase.challenge.slug}/{phase.slug}/{submission.pk}/{below}"


def page(client: Client, path: str) -> str:
    response = client.get(path)
    assert response.status_code == 200
    return markup(response)


def first_entry(phase: Phase) -> Entry:
    return Entry.objects.filter(study__phase=phase).order_by("pk")[0]


def close(phase: Phase) -> None:
    Study.objects.filter(phase=phase).update(is_open=False)


def crops_of(entry: Entry) -> list[str]:
    """Return the addresses, below the method's page, of one crop in both versions."""
    version = CropVersion.objects.filter(entry=entry).first()
    assert version is not None
    return [f"crops/{version.crop_id}/{name}.webp" for name in ("decoded", "original")]


def test_both_boards_and_the_overview_link_to_it(client: Client) -> None:
    phase = build_running_phase()
    build_ranked_study(phase)
    target = address(first_entry(phase).submission)
    for path, times in ((f"{phase.slug}/board/", 2), ("", 2)):
        html = page(client, f"/{phase.challenge.slug}/{path}")
        assert html.count(f'href="{target}"') == times


def test_figures_pairs_and_pictures(client: Client) -> None:
    phase = build_running_phase()
    study = build_ranked_study(phase)
    html = page(client, address(first_entry(phase).submission))
    assert "<h1>method-0</h1>" in html and "rank 1" in html
    assert "12 judgments" in html and "Scores are in log odds" in html
    assert html.count('<circle class="point') == 2
    for other in study.entries.order_by("pk")[1:]:
        assert f'href="{address(other.submission)}"' in html
    assert re.search(r'<td class="number strong">\d+ %</td>', html)
    assert re.search(r"\d+ % to \d+ %", html) and "not told apart" in html
    for original in phase.originals():
        assert original.name in html


def test_each_data_set_has_its_line(client: Client) -> None:
    now = timezone.now()
    phase = build_two_datasets(boards_open_at=now, opens_at=now - DAY, closes_at=now + DAY)
    build_ranked_study(phase)
    html = page(client, address(first_entry(phase).submission))
    assert re.findall(r'<th scope="row">([PM])</th>', html) == ["M", "P"]


def test_a_replaced_one_keeps_its_figures(client: Client) -> None:
    now = timezone.now()
    phase = build_two_datasets(boards_open_at=now, opens_at=now - DAY, closes_at=now + DAY)
    study = build_ranked_study(phase)
    replaced = first_entry(phase).submission

    def lines() -> list[str]:
        return re.findall(
            r'<th scope="row">[PM]</th>.*?</tr>', page(client, address(replaced)), re.S
        )

    before = lines()
    assert len(before) == 2 and all(re.search(r">\d\d\.\d\d<", line) for line in before)
    assert "rank 1" in page(client, address(replaced))
    build_scored_submission(phase, replaced.team, error=1)
    set_active(study, board_submissions(phase))
    html = page(client, address(replaced))
    assert ">replaced</span>" in html and "dB, not on the board" in html
    assert lines() == before


def test_without_a_study_or_judgments_it_says_so(client: Client) -> None:
    phase = build_running_phase()
    build_scored_study(phase)
    submission = first_entry(phase).submission
    assert "do not place this method" in page(client, address(submission))
    Study.objects.all().delete()
    assert "No study has asked people" in page(client, address(submission))


def test_bytes_that_are_stated_are_said_to_be_so(client: Client) -> None:
    phase = build_running_phase()
    build_scored_study(phase)
    submission = first_entry(phase).submission
    Submission.objects.update(stated_bytes=4321)
    assert "organizers state" not in page(client, address(submission))
    submission.bitstreams.all().delete()
    html = page(client, address(submission))
    assert "4,321" in html and "organizers state" in html
    client.force_login(build_organizer())
    desk = page(client, f"/desk/submissions/{submission.pk}/")
    assert "4,321" in desk and "an organizer states" in desk


def test_hidden_and_unknown_ones_answer_as_if_they_were_not_there(client: Client) -> None:
    phase = build_running_phase(boards_open_at=None)
    build_ranked_study(phase)
    entry = first_entry(phase)
    nothing = client.get(f"/{phase.challenge.slug}/{phase.slug}/{uuid4()}/")
    assert nothing.status_code == 404 and "are not open yet" in markup(nothing)
    for below in ("", *crops_of(entry)):
        answer = client.get(address(entry.submission, below))
        assert (answer.status_code, answer.content) == (404, nothing.content)
    client.force_login(build_organizer())
    assert "Only organizers see this page" in page(client, address(entry.submission))


def test_what_is_on_no_board_has_no_page(client: Client) -> None:
    phase = build_running_phase()
    build_ranked_study(phase)
    worse = build_submission(phase, first_entry(phase).submission.team)
    assert client.get(address(worse)).status_code == 404
    elsewhere = build_ranked_study(build_running_phase()).entries.first()
    assert elsewhere is not None
    path = address(first_entry(phase).submission)
    other = path.replace(str(first_entry(phase).submission_id), str(elsewhere.submission_id))
    assert client.get(other).status_code == 404


def test_pictures_are_not_named_before_the_originals_are_released(client: Client) -> None:
    phase = build_running_phase(originals_open_at=None)
    build_ranked_study(phase)
    html = page(client, address(first_entry(phase).submission))
    assert "not released yet" in html
    assert not any(original.name in html for original in phase.originals())


def test_while_people_judge_nobody_learns_which_pictures_are_whose(client: Client) -> None:
    phase = build_running_phase()
    build_ranked_study(phase)
    entry = first_entry(phase)
    html = page(client, address(entry.submission))
    assert "when judging is over" in html and "<img" not in html
    assert [client.get(address(entry.submission, c)).status_code for c in crops_of(entry)] == [
        404,
        404,
    ]
    client.force_login(build_organizer())
    assert "<img" in page(client, address(entry.submission))


def test_afterwards_pictures_flip_in_place_and_their_random_addresses_stay_secret(
    client: Client,
) -> None:
    phase = build_running_phase()
    build_ranked_study(phase)
    close(phase)
    entry = first_entry(phase)
    html = page(client, address(entry.submission))
    assert html.count('<input type="checkbox"') == 2
    assert html.count("decoded.webp") == html.count("original.webp") == 2
    addresses = CropVersion.objects.values_list("address", flat=True)
    assert not any(random in html for random in addresses)
    decoded, original = (client.get(address(entry.submission, c)) for c in crops_of(entry))
    assert decoded.status_code == original.status_code == 200
    assert decoded["Content-Type"] == "image/webp"
    assert b"".join(decoded) != b"".join(original)
    assert not any(random in str(decoded.headers) for random in addresses)


def test_closed_judging_does_not_show_pictures_that_are_not_released(client: Client) -> None:
    phase = build_running_phase(originals_open_at=None)
    build_ranked_study(phase)
    close(phase)
    entry = first_entry(phase)
    assert all(
        client.get(address(entry.submission, crop)).status_code == 404 for crop in crops_of(entry)
    )


def test_a_hostile_name_stays_text(client: Client) -> None:
    phase = build_running_phase()
    build_ranked_study(phase)
    Submission.objects.update(method="<script>alert('x')</script>")
    close(phase)
    html = page(client, address(first_entry(phase).submission))
    assert "<script>alert" not in html and "&lt;script&gt;alert" in html
