"""The page on invitations: making links, their use, and revoking them."""

import pytest
from django.contrib.auth.models import User
from django.test import Client

from ratings.comparisons.models import Invitation, Rater, Study
from ratings.comparisons.raters.rater_groups import rater_groups
from tests.builders import NOW, build_organizer
from tests.comparisons.builders import build_rater, build_study
from tests.web.pages import markup

pytestmark = pytest.mark.django_db


@pytest.fixture
def organizer(client: Client) -> User:
    user = build_organizer()
    client.force_login(user)
    return user


@pytest.fixture
def study() -> Study:
    return build_study(protocol_json={"recruiting": {"open": False}})


def address(study: Study) -> str:
    return f"/desk/studies/{study.slug}/invitations/"


def page(client: Client, study: Study) -> str:
    response = client.get(address(study))
    assert response.status_code == 200
    return markup(response)


def test_it_is_for_organizers_alone(client: Client, study: Study) -> None:
    assert client.get(address(study))["Location"] == f"/desk/login/?next={address(study)}"
    client.force_login(build_organizer(is_staff=False))
    sent = {"label": "Anna", "most_raters": "1"}
    assert client.post(address(study), sent).status_code == 403
    strict = Client(enforce_csrf_checks=True)
    strict.force_login(build_organizer())
    assert strict.post(address(study), sent).status_code == 403
    assert not Invitation.objects.exists()


def test_a_link_for_a_group_is_made_and_shows_its_use(
    client: Client, organizer: User, study: Study
) -> None:
    html = page(client, study)
    assert "No links yet" in html and "only raters who were invited" in html
    response = client.post(address(study), {"label": "The <lab>", "most_raters": "25"})
    assert response["Location"] == address(study)
    made = Invitation.objects.get()
    assert (made.study, made.label, made.most_raters) == (study, "The <lab>", 25)
    Rater.objects.filter(pk=build_rater(study).pk).update(invitation=made)
    html = page(client, study)
    assert f"http://testserver/rate/{study.slug}/?invitation={made.token}" in html
    assert "The &lt;lab&gt;" in html and "1 of 25" in html
    assert f"by {organizer.username}</span>" in html


def test_a_link_s_raters_have_its_group_also_when_it_changes(
    client: Client, organizer: User, study: Study
) -> None:
    client.post(address(study), {"label": "A lab", "most_raters": "9", "group": " lab 1 "})
    made = Invitation.objects.get()
    rater = build_rater(study)
    Rater.objects.filter(pk=rater.pk).update(invitation=made)
    assert rater_groups(study) == {rater.pk: "lab 1"}
    assert 'value="lab 1"' in page(client, study)
    changes = study.changes
    assert client.post(f"{address(study)}{made.pk}/group/", {"group": "lab 2"}).status_code == 302
    assert rater_groups(study) == {rater.pk: "lab 2"}
    study.refresh_from_db()
    assert study.changes == changes + 1
    refused = client.post(f"{address(study)}{made.pk}/group/", {"group": "x" * 101})
    assert refused.status_code == 400
    making, link = markup(refused).split('id="links"')
    assert "at most 100 characters" in link and f'value="{"x" * 101}"' in link
    # The form above is empty, and makes a link wherever the page is.
    assert "at most" not in making and "xxx" not in making
    assert f'action="{address(study)}"' in making
    assert client.post(f"{address(build_study())}{made.pk}/group/").status_code == 404


@pytest.mark.parametrize(
    "sent",
    [
        {"label": "x", "most_raters": "1", "group": "two\nlines"},
        {"label": "", "most_raters": "1"},
        {"label": "x" * 101, "most_raters": "1"},
        {"label": "x", "most_raters": ""},
        {"label": "x", "most_raters": "0"},
        {"label": "x", "most_raters": "-1"},
        {"label": "x", "most_raters": "1.5"},
        {"label": "x", "most_raters": "100001"},
        {"label": "x", "most_raters": "0100000999"},
        {"label": "x", "most_raters": "\N{ARABIC-INDIC DIGIT FIVE}"},
    ],
)
def test_a_form_with_a_mistake_makes_nothing(
    client: Client, organizer: User, study: Study, sent: dict[str, str]
) -> None:
    response = client.post(address(study), sent)
    assert response.status_code == 400 and 'role="alert"' in markup(response)
    assert not Invitation.objects.exists()


def test_revoking_closes_a_link_once(client: Client, organizer: User, study: Study) -> None:
    made = Invitation.objects.create(study=study, label="Anna")
    other = Invitation.objects.create(study=build_study(), label="Ben")
    assert client.post(f"{address(study)}{other.pk}/revoke/").status_code == 404
    assert client.post(f"{address(study)}{made.pk}/revoke/").status_code == 302
    made.refresh_from_db()
    other.refresh_from_db()
    assert made.revoked_at is not None and made.revoked_at > NOW and other.revoked_at is None
    first = made.revoked_at
    client.post(f"{address(study)}{made.pk}/revoke/")
    made.refresh_from_db()
    assert made.revoked_at == first
    assert "revoked" in page(client, study) and "/revoke/" not in page(client, study)


def test_an_open_study_tells_its_address(client: Client, organizer: User) -> None:
    study = build_study()
    assert f"http://testserver/rate/{study.slug}/<" in page(client, study)


def test_links_come_in_pages_those_that_may_be_used_first(
    client: Client, organizer: User, study: Study
) -> None:
    Invitation.objects.bulk_create(
        Invitation(study=study, label=f"link {number:02d}", most_raters=1, created_by=organizer)
        for number in range(51)
    )
    Invitation.objects.filter(label="link 50").update(revoked_at=NOW)
    assert "50 of 51" in page(client, study) and "link 50" not in page(client, study)
    last = markup(client.get(f"{address(study)}?page=2"))
    assert "link 50" in last and "link 00" not in last
