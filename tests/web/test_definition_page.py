"""The definition at the desk: edited as form or text, checked, reviewed, saved, gone back to."""

from pathlib import Path

import pytest
from django.contrib.auth.models import User
from django.test import Client

from ratings.challenge.models import Challenge
from ratings.comparisons.study.definition_history import whole_toml
from ratings.comparisons.study.whole_definition import load_whole
from tests.builders import build_organizer, build_submission, build_team
from tests.challenge.definitions import STUDY, TEXT, write_originals
from tests.web.forms import sent_by
from tests.web.pages import markup

pytestmark = pytest.mark.django_db
PATH = "/desk/challenges/small/definition/"
NEW = "/desk/new-challenge/"
ESSENTIALS = {
    "name": "A small challenge",
    "slug": "small",
    "summary": "One line.",
    "template": "one-phase",
    "datasets": "Professional, Mobile photos",
    "opens": "2027-01-15 00:00:00 -08:00",
    "closes": "2027-04-22 23:59:59 -08:00",
    "max_bpp": "0.15",
}


@pytest.fixture
def root(tmp_path: Path) -> Path:
    return write_originals(tmp_path)


@pytest.fixture
def organizer(client: Client) -> User:
    user = build_organizer(username="ann")
    client.force_login(user)
    return user


@pytest.fixture
def challenge(root: Path, organizer: User) -> Challenge:
    return load_whole(TEXT + STUDY, root).challenge


def page(client: Client, path: str = PATH) -> str:
    response = client.get(path)
    assert response.status_code == 200
    return response.content.decode()


def post(client: Client, do: str, form: dict[str, str], path: str = PATH) -> tuple[int, str]:
    response = client.post(path, form | {"do": do})
    return response.status_code, markup(response) if response.content else ""


def test_a_change_is_reviewed_then_saved_and_stands_among_the_versions(
    client: Client, challenge: Challenge
) -> None:
    form = sent_by(page(client)) | {"phase-0-closes": "2018-04-29 23:59:59-08:00"}
    status, html = post(client, "review", form)
    line = "[[phase]] test: closes: 2018-04-22T23:59:59-08:00 -&gt; 2018-04-29T23:59:59-08:00"
    assert status == 200 and line in html
    assert "<del>- closes = 2018-04-22T23:59:59-08:00</del>" in html
    assert "<ins>+ closes = 2018-04-29T23:59:59-08:00</ins>" in html
    assert "2018-04-29" not in whole_toml(challenge)

    reviewed = sent_by(client.post(PATH, form | {"do": "review"}).content.decode())
    response = client.post(PATH, reviewed | {"do": "save", "note": "Two teams asked."})
    assert response.headers["Location"] == f"{PATH}versions/"
    assert "closes = 2018-04-29T23:59:59-08:00" in whole_toml(Challenge.objects.get())
    versions = markup(client.get(f"{PATH}versions/"))
    assert line in versions and "ann: Two teams asked." in versions
    shown = markup(client.get("/small/"))
    assert "Moved from" in shown and "29 Apr 2018, 23:59:59" in shown


def test_a_form_that_nobody_touched_changes_nothing(client: Client, challenge: Challenge) -> None:
    Challenge.objects.update(description="Two lines,\nand a blank at the end.\n")
    status, html = post(client, "review", sent_by(page(client)))
    assert status == 200 and "Nothing would change." in html
    assert "The file stays as it is." in html


def test_what_is_typed_is_checked(client: Client, challenge: Challenge) -> None:
    form = sent_by(page(client)) | {"phase-0-closes": "2018-04-01 23:59:59-08:00", "name": ""}
    answer = client.post(PATH, form | {"do": "check"}).json()
    assert answer["fields"] == {
        "phase-0-closes": "it must be later than `opens`.",
        "name": "it is missing; write a text.",
    }
    assert len(answer["problems"]) == 2 and answer["changes"] == []
    assert "closes = 2018-04-01T23:59:59-08:00" in answer["text"]
    status, html = post(client, "review", form)
    assert status == 422 and "it must be later than `opens`." in html


def test_the_text_itself_is_edited_too(client: Client, challenge: Challenge) -> None:
    form = sent_by(page(client, f"{PATH}?as=text"))
    form["text"] = form["text"].replace("One line.", "Two lines.") + '\ncolour = "red"\n'
    status, html = post(client, "review", form)
    assert status == 422 and "colour: this key is unknown" in html
    form["text"] = form["text"].replace('colour = "red"\n', "")
    status, html = post(client, "as:form", form)
    assert status == 200 and 'value="Two lines."' in html
    status, html = post(client, "review", form | {"text": "name = "})
    assert status == 422 and "This is not TOML" in html


def test_tables_are_added_and_taken_out(client: Client, challenge: Challenge) -> None:
    status, html = post(client, "add:phase", sent_by(page(client)))
    assert status == 200 and 'name="phase-1-closes"' in html
    added = client.post(PATH, sent_by(page(client)) | {"do": "add:calendar"}).content.decode()
    status, html = post(client, "drop:calendar:1", sent_by(added))
    assert 'name="calendar-1-title"' not in html and 'name="calendar-0-title"' in html


def test_what_two_save_at_once_is_merged_and_nothing_is_lost(
    client: Client, challenge: Challenge
) -> None:
    mine = sent_by(page(client)) | {"summary": "Mine.", "phase-0-name": "The test"}
    other = Client()
    other.force_login(build_organizer(username="bob"))
    theirs = sent_by(page(other)) | {"summary": "Theirs.", "name": "A tiny challenge"}
    assert other.post(PATH, theirs | {"do": "save"}).status_code == 302

    response = client.post(PATH, mine | {"do": "save"})
    html = markup(response)
    assert response.status_code == 409
    assert "Somebody else saved meanwhile." in html
    assert "name: A small challenge -&gt; A tiny challenge" in html
    assert "summary: yours is Mine., theirs is Theirs.; yours stands here" in html
    assert "Theirs." in whole_toml(Challenge.objects.get())
    assert client.post(PATH, sent_by(response.content.decode()) | {"do": "save"}).status_code == 302
    challenge.refresh_from_db()
    assert (challenge.name, challenge.summary) == ("A tiny challenge", "Mine.")
    assert challenge.phases.get().name == "The test"


def test_what_people_did_locks_keys_with_the_reason(client: Client, challenge: Challenge) -> None:
    build_submission(challenge.phases.get(), build_team(challenge))
    html = markup(client.get(PATH))
    assert "Fixed. Its pictures are fixed by 1 submission." in html
    assert 'name="phase-0-datasets"' not in html and 'name="phase-0-slug"' not in html
    assert "It stands in addresses that people have." in html
    editor = client.post(PATH, sent_by(page(client)) | {"do": "drop:phase:0"})
    status, shown = post(client, "review", sent_by(editor.content.decode()))
    assert status == 422 and "keep it in the file" in shown


def test_a_version_comes_back(client: Client, challenge: Challenge) -> None:
    form = sent_by(page(client)) | {"name": "Another name"}
    client.post(PATH, form | {"do": "save"})
    html = markup(client.get(f"{PATH}versions/1/"))
    assert "name: Another name -&gt; A small challenge" in html
    review = client.post(f"{PATH}versions/1/").content.decode()
    assert client.post(PATH, sent_by(review) | {"do": "save"}).status_code == 302
    challenge.refresh_from_db()
    assert challenge.name == "A small challenge" and challenge.versions.count() == 3


@pytest.mark.parametrize("template", ["one-phase", "clic-2018", "ratings-only"])
def test_a_challenge_begins_with_a_few_answers(
    client: Client, organizer: User, template: str
) -> None:
    response = client.post(NEW, ESSENTIALS | {"template": template})
    assert response.status_code == 200
    form = sent_by(response.content.decode())
    if template == "ratings-only":
        status, html = post(client, "review", form, NEW)
        assert status == 422 and "consent" in html
        form |= {"study-0-consent": "You take part of your own free will."}
        form |= {"study-0-trials_per_rater": "100"}
    review = client.post(NEW, form | {"do": "review"})
    assert review.status_code == 200, markup(review)
    assert not Challenge.objects.exists()
    saved = client.post(NEW, sent_by(review.content.decode()) | {"do": "save"})
    assert saved.headers["Location"] == f"{PATH}versions/"
    challenge = Challenge.objects.get()
    assert challenge.draft and challenge.versions.get().by == "ann"
    assert {d.name for d in challenge.datasets.all()} >= (
        {"Professional", "Mobile photos"} if template != "clic-2018" else set()
    )
    again = client.post(NEW, sent_by(review.content.decode()) | {"do": "save"})
    assert again.status_code == 422 and "There is a challenge" in markup(again)


def test_a_challenge_begins_with_a_file(client: Client, organizer: User, root: Path) -> None:
    file = root / "a.toml"
    file.write_text(TEXT + STUDY)
    with file.open("rb") as opened:
        response = client.post(NEW, {"file": opened})
    review = client.post(NEW, sent_by(response.content.decode()) | {"do": "review"})
    assert client.post(NEW, sent_by(review.content.decode()) | {"do": "save"}).status_code == 302
    made = whole_toml(Challenge.objects.get())
    assert load_whole(made, None).changes == []
    file.write_bytes(b"\xff\xfe")
    with file.open("rb") as opened:
        assert client.post(NEW, {"file": opened}).status_code == 422


def test_answers_that_make_no_challenge_are_told_all_at_once(
    client: Client, organizer: User
) -> None:
    wrong = {"opens": "soon", "closes": "2027-04-22 23:59:59", "max_bpp": "a lot", "name": "x"}
    response = client.post(NEW, wrong)
    html = markup(response)
    assert response.status_code == 422
    for words in (
        "Takes submissions from: write date",
        "Deadline: write",
        "Budget: write",
        "Data sets: name",
    ):
        assert words in html
    assert 'value="a lot"' in html
    assert "None yet: without a study" in markup(client.post(NEW, ESSENTIALS))
    response = client.post(NEW, ESSENTIALS | {"max_bpp": "0"})
    _, html = post(client, "review", sent_by(response.content.decode()), NEW)
    assert "it must be a number above 0" in html


def test_a_challenge_whose_address_is_taken_is_told_so_before_it_is_saved(
    client: Client, challenge: Challenge
) -> None:
    form = sent_by(client.post(NEW, ESSENTIALS).content.decode())
    status, html = post(client, "review", form, NEW)
    assert status == 422 and "There is a challenge &#x27;small&#x27; already" in html
    problems = client.post(NEW, form | {"do": "check"}).json()["problems"]
    assert problems == ["There is a challenge 'small' already; take another slug."]


def test_letters_with_marks_stay_in_addresses(client: Client, organizer: User) -> None:
    said = {"name": "Grüße aus Łódź", "slug": "", "datasets": "Straßen, Gärten"}
    form = sent_by(client.post(NEW, ESSENTIALS | said).content.decode())
    assert form["slug"] == "grusse-aus-lodz"
    assert form["phase-0-datasets"] == "Strassen, Garten"


@pytest.mark.parametrize("template", ["one-phase", "clic-2018", "ratings-only"])
def test_in_a_phase_that_takes_submissions_teams_have_the_originals(
    client: Client, organizer: User, template: str
) -> None:
    short = {"template": template, "closes": "2027-01-16 00:00:00 -08:00"}
    form = sent_by(client.post(NEW, ESSENTIALS | short).content.decode())
    phases = [name.removesuffix("-closes") for name in form if name.endswith("-closes")]
    for phase in phases:
        assert form[f"{phase}-originals_open"] == form[f"{phase}-opens"]
        assert form[f"{phase}-opens"] < form[f"{phase}-closes"]


def test_a_version_that_can_not_come_back_is_edited_on(
    client: Client, challenge: Challenge
) -> None:
    phase = dict.fromkeys(("slug", "name", "datasets"), "P") | {"closes": "2019-01-01 00:00:00Z"}
    added = client.post(PATH, sent_by(page(client)) | {"do": "add:phase"}).content.decode()
    more = {f"phase-1-{key}": value for key, value in phase.items()}
    more["phase-1-opens"] = "2018-12-01 00:00:00Z"
    form = sent_by(added) | more
    assert client.post(PATH, form | {"do": "save"}).status_code == 302
    build_submission(challenge.phases.get(slug="P"), build_team(challenge))
    back = client.post(f"{PATH}versions/1/")
    html = back.content.decode()
    assert back.status_code == 422 and "keep it in the file" in html
    assert f'action="{PATH}"' in html


def test_a_new_challenge_leads_to_where_its_pictures_are_sent(
    client: Client, challenge: Challenge
) -> None:
    for path in (PATH, f"{PATH}versions/"):
        assert "/desk/challenges/small/datasets/P/" in page(client, path)
