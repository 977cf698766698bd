"""Accounts at the desk: invitations, roles, lost passwords, one's own; each act on record."""

import re
import threading
from datetime import timedelta

import pytest
from django.contrib.auth.models import User
from django.db import connection
from django.test import Client

from ratings.challenge.access.links import LASTS
from ratings.challenge.models import AccessToken, AccountLink, AuditEntry, Challenge, Membership
from tests.builders import build_challenge, build_organizer, build_token
from tests.web.pages import markup, page

pytestmark = pytest.mark.django_db
OLD, NEW = "correct horse", "battery staple"
LINK = re.compile(r"http://testserver(/desk/links/[\w-]+/)")
EVERYWHERE = "*"


@pytest.fixture
def ann() -> User:
    return build_organizer(username="ann", password=OLD)


@pytest.fixture
def desk(ann: User) -> Client:
    client = Client()
    client.force_login(ann)
    return client


@pytest.fixture
def challenge() -> Challenge:
    return build_challenge(slug="clic", name="CLIC")


def act(client: Client, what: str, **fields: object) -> int:
    return client.post(f"/desk/accounts/{what}/", fields).status_code


def invited(client: Client, role: str = "viewer", where: str = EVERYWHERE) -> str:
    """Invite somebody; return the link's path, which is shown this once."""
    assert act(client, "invite", label="Bea", role=role, challenge=where) == 302
    return shown_link(client)


def shown_link(client: Client) -> str:
    found = LINK.search(page(client, "/desk/accounts/"))
    assert found and not LINK.search(page(client, "/desk/accounts/"))
    return str(found[1])


def choose(link: str, name: str = "bea", new: str = NEW, again: str | None = None) -> Client:
    """Follow a link; return the client, whose `answer` is the answer's status."""
    client = Client()
    body = {"name": name, "new": new, "again": new if again is None else again}
    client.answer = client.post(link, body)  # type: ignore[attr-defined]
    return client


def refusal(client: Client) -> str:
    answer = client.answer  # type: ignore[attr-defined]
    assert answer.status_code in (404, 422)
    return str(re.findall(r'role="alert">([^<]+)', markup(answer))[0])


def audited() -> list[tuple[str, str, str]]:
    return list(AuditEntry.objects.order_by("pk").values_list("by", "kind", "subject"))


def test_whoever_opens_an_invitation_chooses_name_and_password(
    desk: Client, challenge: Challenge
) -> None:
    link = invited(desk, "panel", "clic")
    assert "ann invites you as panel member of CLIC" in page(Client(), link)
    bea = choose(link)
    assert "CLIC" not in page(bea, "/desk/account/").split("<h1>")[0]
    assert "panel member of CLIC" in page(bea, "/desk/account/")
    assert Client().login(username="bea", password=NEW)
    assert audited() == [("ann", "invite", "Bea"), ("bea", "join", "bea")]
    assert "panel member of CLIC" in page(desk, "/desk/accounts/")


def test_a_link_works_once_until_it_expires_or_is_taken_back(desk: Client) -> None:
    used = invited(desk)
    choose(used)
    assert "was used, has expired" in refusal(choose(used, "cleo"))
    late = invited(desk)
    AccountLink.objects.update(expires_at=AccountLink.objects.get().created_at)
    assert Client().get(late).status_code == 404
    assert "was used, has expired" in refusal(choose(late, "cleo"))
    back = invited(desk)
    assert act(desk, "uninvite", invitation=AccountLink.objects.get(label="Bea").pk) == 302
    assert Client().get(back).status_code == 404
    assert not User.objects.filter(username="cleo").exists()
    assert ("ann", "uninvite", "Bea") in audited()
    assert timedelta(days=7) == LASTS


def test_only_a_digest_of_a_link_is_kept(desk: Client) -> None:
    token = invited(desk).split("/")[-2]
    assert token not in str(list(AccountLink.objects.values()))


@pytest.mark.parametrize(
    ("name", "new", "again", "why"),
    [
        ("bea", "short", "short", "too short"),
        ("bea", "password1", "password1", "too common"),
        ("bea", "83619274650", "83619274650", "entirely numeric"),
        ("beatrice-b", "beatrice-b1", "beatrice-b1", "too similar"),
        ("bea", NEW, "other", "not alike"),
        ("ANN", NEW, NEW, "already"),
        ("", NEW, NEW, "blank"),
        ("b a", NEW, NEW, "valid username"),
    ],
)
def test_what_can_not_be_chosen_leaves_the_link_as_it_was(
    desk: Client, name: str, new: str, again: str, why: str
) -> None:
    link = invited(desk)
    assert why in refusal(choose(link, name, new, again))
    assert User.objects.count() == 1
    assert page(choose(link), "/desk/account/")


def test_a_role_is_given_changed_and_taken_away(desk: Client, challenge: Challenge) -> None:
    choose(invited(desk, "viewer", "clic"))
    bea = User.objects.get(username="bea")
    build_token(bea)
    assert act(desk, "give", account=bea.pk, role="organizer", challenge="clic") == 302
    assert list(bea.memberships.values_list("role", "challenge__slug")) == [("organizer", "clic")]
    assert act(desk, "give", account=bea.pk, role="organizer", challenge=EVERYWHERE) == 302
    bea.refresh_from_db()
    assert bea.is_staff and not bea.memberships.exists()
    assert act(desk, "give", account=bea.pk, role="viewer", challenge="clic") == 422
    assert act(desk, "give", account=bea.pk, role="viewer", challenge=EVERYWHERE) == 302
    bea.refresh_from_db()
    assert not bea.is_staff and AccessToken.objects.filter(user=bea).exists()
    assert act(desk, "take", account=bea.pk, challenge="clic") == 422
    assert act(desk, "take", account=bea.pk, challenge=EVERYWHERE) == 302
    assert not Membership.objects.exists() and not AccessToken.objects.filter(user=bea).exists()
    assert "no role: may not sign in" in page(desk, "/desk/accounts/")
    kinds = [kind for _, kind, subject in audited() if subject == "bea"]
    assert kinds == ["join", "role", "role", "role", "no-role"]


@pytest.mark.parametrize("what", ["take", "give"])
def test_the_last_organizer_stays(desk: Client, ann: User, what: str) -> None:
    build_organizer(username="old", is_active=False)
    build_organizer(username="keyless", password=None)
    fields = {"account": ann.pk, "role": "viewer", "challenge": EVERYWHERE}
    answer = desk.post(f"/desk/accounts/{what}/", fields)
    assert answer.status_code == 422 and "make another account one first" in markup(answer)
    ann.refresh_from_db()
    assert ann.is_staff and not audited() and not ann.memberships.exists()
    build_organizer(username="cleo", password=OLD)
    assert act(desk, what, **fields) == 302
    assert page(desk, "/desk/account/") if what == "give" else True


@pytest.mark.django_db(transaction=True)
def test_two_organizers_can_not_take_one_another_away(ann: User) -> None:
    bea = build_organizer(username="bea", password=OLD)
    clients = {ann: Client(), bea: Client()}
    for user, client in clients.items():
        client.force_login(user)
    both, codes = threading.Barrier(2), []

    def take(client: Client, other: User) -> None:
        both.wait()
        codes.append(act(client, "take", account=other.pk, challenge=EVERYWHERE))
        connection.close()

    threads = [
        threading.Thread(target=take, args=(clients[a], b)) for a, b in ((ann, bea), (bea, ann))
    ]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert User.objects.filter(is_staff=True).count() == 1
    assert sorted(codes)[0] == 302 and sorted(codes)[1] in (403, 422)


def test_resetting_a_password_ends_all_that_it_opened(desk: Client) -> None:
    bea = build_organizer(username="bea", password=OLD)
    hers = Client()
    hers.force_login(bea)
    invited(hers)
    script = Client(headers={"Authorization": f"Bearer {build_token(bea)}"})
    assert script.get("/api/v1/accounts/").status_code == 200
    assert act(desk, "reset", account=bea.pk) == 302
    link = shown_link(desk)
    assert hers.get("/desk/").status_code == 302
    assert script.get("/api/v1/accounts/").status_code == 401
    assert not Client().login(username="bea", password=OLD)
    assert not AccountLink.objects.filter(by="bea").exists()
    assert "For bea." in page(Client(), link)
    assert page(choose(link, name="ignored"), "/desk/")
    assert Client().login(username="bea", password=NEW)
    assert Client().get(link).status_code == 404
    assert [(by, kind) for by, kind, who in audited() if who == "bea"] == [
        ("ann", "reset"),
        ("bea", "new-password"),
    ]


def test_one_s_own_password_is_changed_with_the_old_one(desk: Client, ann: User) -> None:
    elsewhere = Client()
    elsewhere.force_login(ann)
    wrong = desk.post("/desk/account/", {"old": "no", "new": NEW, "again": NEW})
    assert wrong.status_code == 422 and "old password is not right" in markup(wrong)
    unlike = desk.post("/desk/account/", {"old": OLD, "new": NEW, "again": "x"})
    assert unlike.status_code == 422
    short = desk.post("/desk/account/", {"old": OLD, "new": "x", "again": "x"})
    assert short.status_code == 422 and "too short" in markup(short)
    changed = desk.post("/desk/account/", {"old": OLD, "new": NEW, "again": NEW})
    assert changed.status_code == 302
    assert "The password is changed" in page(desk, "/desk/account/")
    assert "The password is changed" not in page(desk, "/desk/account/")
    assert elsewhere.get("/desk/").status_code == 302
    assert Client().login(username="ann", password=NEW)
    assert audited() == [("ann", "own-password", "ann")]
    assert act(desk, "reset", account=ann.pk) == 422


def test_guessing_the_old_password_is_slowed_down(desk: Client) -> None:
    body = {"old": "no", "new": NEW, "again": NEW}
    for _ in range(5):
        assert "not right" in markup(desk.post("/desk/account/", body))
    locked = desk.post("/desk/account/", body | {"old": OLD})
    assert "Too many failures" in markup(locked)
    assert locked.status_code == 429 and 0 < int(locked["Retry-After"]) <= 180


@pytest.mark.parametrize(
    ("what", "fields", "code"),
    [
        ("invite", {"label": " ", "role": "viewer", "challenge": EVERYWHERE}, 422),
        ("invite", {"label": "x" * 101, "role": "viewer", "challenge": EVERYWHERE}, 422),
        ("invite", {"label": "x", "role": "king", "challenge": EVERYWHERE}, 422),
        ("invite", {"label": "x", "role": "viewer", "challenge": "none"}, 404),
        ("invite", {"label": "x", "role": "organizer"}, 404),
        ("give", {"account": "9", "role": "viewer", "challenge": EVERYWHERE}, 404),
        ("give", {"account": "x" * 30}, 404),
        ("take", {"account": "9" * 40}, 404),
        ("uninvite", {"invitation": ""}, 404),
        ("reset", {}, 404),
        ("fire", {}, 404),
    ],
)
def test_what_makes_no_sense_is_refused(
    desk: Client, what: str, fields: dict[str, str], code: int
) -> None:
    assert act(desk, what, **fields) == code
    assert not audited() and not AccountLink.objects.exists()


def test_forms_are_protected_against_other_sites(ann: User) -> None:
    client = Client(enforce_csrf_checks=True)
    client.force_login(ann)
    assert act(client, "invite", label="x", role="viewer", challenge=EVERYWHERE) == 403


def test_a_viewer_sees_accounts_and_no_way_to_change_them(desk: Client) -> None:
    viewer = choose(invited(desk))
    html = page(viewer, "/desk/accounts/")
    assert "ann" in html and "Invite somebody" not in html and "Give the role" not in html
    assert 'class="frame reads"' in html
