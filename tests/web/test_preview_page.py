"""The preview: all that raters see, in any state of a study, and nothing of it is stored."""

import re
from collections.abc import Callable
from dataclasses import replace
from typing import Any

import pytest
from django.apps import apps
from django.contrib.auth.models import User
from django.db import connection
from django.test import Client
from django.utils import timezone

from ratings.challenge.models import Membership
from ratings.comparisons.models import CropVersion, Rater, Study
from ratings.comparisons.protocol import Checks, Protocol, Recruiting, Screening, Training
from ratings.comparisons.study.cropping import make_checks
from ratings.comparisons.trials.preview_trials import Walk
from ratings.comparisons.trials.study_preview import trials_of
from ratings.ranking.fits.refitting import refit
from tests.builders import NOW, build_organizer, build_phase
from tests.comparisons.builders import PLAIN, build_filled_study, build_rater, build_study, log_in
from tests.ranking.builders import judge_all
from tests.web.builders import build_running_phase, build_scored_study
from tests.web.pages import markup

pytestmark = pytest.mark.django_db
JSON = "application/json"
CHECKED = Protocol(
    training=Training(trials=3, right=2),
    checks=Checks(golden=0.2, repeats=0.2, repeat_gap=3, identical=0.1),
    screening=Screening(least_checks=1),
)


@pytest.fixture(autouse=True)
def plain_static_files(settings: Any) -> None:  # noqa: ANN401
    """Name static files without digests: nothing is collected in tests."""
    plain = {"BACKEND": "django.contrib.staticfiles.storage.StaticFilesStorage"}
    settings.STORAGES = settings.STORAGES | {"staticfiles": plain}


@pytest.fixture
def organizer(client: Client) -> User:
    user = build_organizer()
    client.force_login(user)
    return user


class Walker:
    """Somebody who goes through a preview as the rating page does."""

    def __init__(self, client: Client, study: Study, at: str = "") -> None:
        self.client, self.study = client, study
        self.path = f"/api/v1/studies/{study.slug}/preview/"
        self.session = self._read(client.post(f"{self.path}raters/{at}", {}, JSON))

    def _read(self, response: Any) -> Any:  # noqa: ANN401
        assert response.status_code == 200, response.content
        return response.json()

    def next(self, count: int = 3) -> Any:  # noqa: ANN401
        return self._read(self.client.get(f"{self.path}trials/next/", {"count": count}))["results"]

    def judge(self, trial: Any, choice: str = "left") -> Any:  # noqa: ANN401
        body = {"choice": choice, "response_ms": 900, "attempt": 1, "flips": 2}
        told = self._read(self.client.put(trial["judgment"], body, JSON))
        assert told["trial"] == trial["id"]
        return told

    def now(self) -> Any:  # noqa: ANN401
        return self._read(self.client.get(f"{self.path}session/"))

    def train(self, *, well: bool) -> None:
        """Answer one attempt, all of it right or all of it wrong."""
        held = self.client.session[f"preview {self.study.slug}"]
        walk = Walk(held["seed"], tuple(held["training"]))
        for trial, known in zip(self.next(10), trials_of(self.study, walk, 10), strict=True):
            other = "right" if known.closer == "left" else "left"
            assert self.judge(trial, known.closer if well else other)["correct"] is well

    def finish(self) -> list[Any]:
        """Answer all that comes, and look at every picture."""
        seen = []
        while trials := self.next():
            for trial in trials:
                seen.append(trial)
                self.judge(trial)
                for side in ("original", "left", "right"):
                    assert self.client.get(trial[side]).getvalue().startswith(b"RIFF")
        return seen


def everything(client: Client, study: Study) -> list[Any]:
    """Return all rows of all tables but sign-ins, and what the site tells of the study."""
    rows: list[Any] = []
    with connection.cursor() as cursor:
        for model in apps.get_models(include_auto_created=True):
            if model._meta.db_table != "django_session":
                cursor.execute(f"SELECT row_to_json(t)::text FROM {model._meta.db_table} t")
                rows += sorted(cursor.fetchall())
    slug, phase = study.slug, study.phase
    api = f"/api/v1/studies/{slug}"
    pages = [f"{api}/ranking/?format={form}" for form in ("csv", "json")]
    pages += [f"{api}/judgments/?format={form}" for form in ("csv", "json", "parquet")]
    pages += [f"/desk/studies/{slug}/{page}" for page in ("", "raters/", "raters.csv")]
    pages += [f"/{phase.challenge.slug}/{phase.slug}/board/", f"{api}/".replace(slug + "/", "")]
    for page in pages:
        response = client.get(page)
        assert response.status_code == 200, page
        rows.append(_timeless(b"".join(response) if response.streaming else response.content))
    return rows


def _timeless(content: bytes) -> bytes:
    """Leave out what differs from one sending to the next: tokens of forms, and the hour drawn."""
    content = re.sub(rb'name="csrfmiddlewaretoken" value="\w+"', b"", content)
    return re.sub(rb'"exported_at": "[^"]+"', b"", content)


def test_a_whole_preview_changes_nothing_that_is_stored_shown_or_exported(
    client: Client, organizer: User
) -> None:
    study = build_scored_study(build_running_phase())
    judge_all(study, raters=3, judgments=6)
    Study.objects.update(protocol_json=CHECKED.as_json(), trials_per_rater=12)
    study.refresh_from_db()
    make_checks(study)
    assert refit(study, NOW) is not None
    before = everything(client, study)
    assert client.get(f"/desk/studies/{study.slug}/preview/").status_code == 200
    walker = Walker(client, study)
    walker.train(well=True)
    trials = walker.finish()
    client.post(trials[-1]["undo"], {"attempt": 1}, JSON)
    walker.finish()
    assert walker.now()["state"] == "done"
    assert everything(client, study) == before


def test_a_walk_goes_from_training_to_its_end(client: Client, organizer: User) -> None:
    study = build_filled_study(protocol=CHECKED, trials_per_rater=12)
    make_checks(study)
    walker = Walker(client, study)
    assert walker.session["state"] == "training" and walker.session["training"]["right"] == 2
    walker.train(well=False)
    again = walker.now()
    assert (again["state"], again["training"]["attempt"]) == ("training", 2)
    assert again["training"]["correct_before"] == 0
    walker.train(well=True)
    assert walker.now()["state"] == "judging"
    trials = walker.finish()
    assert [trial["number"] for trial in trials] == [*range(1, 13)]
    ended = walker.now()
    assert (ended["state"], ended["judged"], ended["total"]) == ("done", 12, 12)
    assert re.fullmatch(r"[A-Z]{10}", ended["completion"]["code"])
    stored = set(CropVersion.objects.values_list("address", flat=True))
    shown = [re.sub(r"^/crops/|\.webp$", "", trial["left"]) for trial in trials]
    assert set(shown) <= stored and len(set(shown)) > 3


def test_who_fails_the_training_is_screened_out(client: Client, organizer: User) -> None:
    walker = Walker(client, build_filled_study(protocol=CHECKED, trials_per_rater=12))
    walker.train(well=False)
    walker.train(well=False)
    assert walker.now()["state"] == "screened-out" and walker.next() == []
    assert walker.now()["completion"]["code"]


def test_an_undo_asks_the_same_again(client: Client, organizer: User) -> None:
    walker = Walker(client, build_filled_study(trials_per_rater=6))
    first, second, _ = walker.next()
    walker.judge(first)
    walker.judge(second)
    walker.judge(second)  # sent again
    assert walker.now()["judged"] == 2
    told = client.post(second["undo"], {"attempt": 1}, JSON).json()
    assert told == {"trial": second["id"], "attempt": 2}
    assert walker.next(1) == [second]


def test_an_undo_takes_back_trials_that_are_and_none_of_the_training(
    client: Client, organizer: User
) -> None:
    walker = Walker(client, build_filled_study(protocol=CHECKED, trials_per_rater=12), "?at=last")
    before = walker.now()
    paths = {where: f"{walker.path}trials/{where}/undo/" for where in ("0/0", "0/13", "1/4", "3/1")}
    paths["training"] = f"{walker.path}trials/1/1/undo/"
    codes = {
        where: client.post(path, {"attempt": 1}, JSON).json()["type"]
        for where, path in paths.items()
    }
    unknown, training = (f"/api/v1/docs/#{code}" for code in ("unknown-trial", "training"))
    assert codes == dict.fromkeys(codes, unknown) | {"training": training}
    assert walker.now() == before


def test_it_may_begin_with_the_last_trial(client: Client, organizer: User) -> None:
    study = build_filled_study(protocol=CHECKED, trials_per_rater=12)
    walker = Walker(client, study, "?at=last")
    assert (walker.session["state"], walker.session["judged"]) == ("judging", 11)
    assert len(walker.finish()) == 1 and walker.now()["state"] == "done"
    assert 'data-state="waiting"' in page(client, study, "?at=last")


def page(client: Client, study: Study, query: str = "") -> str:
    response = client.get(f"/desk/studies/{study.slug}/preview/{query}")
    assert response.status_code == 200
    return markup(response)


def pause(study: Study) -> None:
    Study.objects.filter(pk=study.pk).update(paused_at=NOW)


def close(study: Study) -> None:
    Study.objects.filter(pk=study.pk).update(is_open=False)


def fill(study: Study) -> None:
    protocol = replace(PLAIN, recruiting=Recruiting(most_raters=1))
    Study.objects.filter(pk=study.pk).update(protocol_json=protocol.as_json())
    Rater.objects.filter(pk=build_rater(study).pk).update(consented_at=timezone.now())


def invite(study: Study) -> None:
    protocol = replace(PLAIN, recruiting=Recruiting(open=False))
    Study.objects.filter(pk=study.pk).update(protocol_json=protocol.as_json())


@pytest.mark.parametrize("make_it", [pause, close, fill, invite])
def test_it_shows_a_study_in_any_state(
    client: Client, organizer: User, make_it: Callable[[Study], None]
) -> None:
    study = build_filled_study(trials_per_rater=4)
    make_it(study)
    stranger = markup(Client().get(f"/rate/{study.slug}/"))
    assert 'data-state="consent"' not in stranger
    assert 'data-state="consent"' in page(client, study)
    walker = Walker(client, study)
    assert len(walker.finish()) == 4 and walker.now()["state"] == "done"


def test_before_there_are_entries_the_originals_stand_in(client: Client, organizer: User) -> None:
    study = build_study(build_phase(names=["a.png", "b.png"]), protocol=CHECKED, trials_per_rater=4)
    walker = Walker(client, study)
    walker.train(well=True)
    trials = walker.finish()
    assert len(trials) == 4 and "/preview/crops/" in trials[0]["left"]
    picture = trials[0]["left"]
    assert Client().get(picture).status_code == 302
    assert client.get(re.sub(r"\d\.webp$", "9.webp", picture)).status_code == 404
    assert client.get(re.sub(r"/\d+-", "/77-", picture)).status_code == 404
    assert not CropVersion.objects.exists() and not study.crops.exists()


@pytest.mark.parametrize(("protocol", "state"), [(PLAIN, "judging"), (CHECKED, "training")])
def test_a_study_without_pictures_has_nothing_to_show(
    client: Client, organizer: User, protocol: Protocol, state: str
) -> None:
    walker = Walker(client, build_study(build_phase(names=[]), protocol=protocol))
    assert walker.next() == [] and walker.now()["state"] == state
    for where in ("0/1", "1/1"):
        body = {"choice": "left"}
        told = client.put(f"{walker.path}trials/{where}/judgment/", body, JSON)
        assert told.json()["type"].endswith("#unknown-trial")


def test_it_is_for_who_reads_at_the_desk(client: Client) -> None:
    study = build_filled_study()
    path = f"/desk/studies/{study.slug}/preview/"
    assert client.get(path).status_code == 302
    calls = f"/api/v1/studies/{study.slug}/preview/"
    assert client.post(f"{calls}raters/").status_code == 403
    assert client.get(f"{calls}trials/next/").status_code == 403
    viewer = build_organizer(is_staff=False)
    client.force_login(viewer)
    assert client.get(path).status_code == 403
    assert client.post(f"{calls}raters/").status_code == 403
    Membership.objects.create(user=viewer, role=Membership.Role.VIEWER)
    assert client.get(path).status_code == 200
    assert client.post(f"{calls}raters/").status_code == 200
    assert not Rater.objects.exists()


@pytest.mark.parametrize("where", ["0/0", "0/13", "1/4", "3/1", "0/99999999999999999999"])
def test_a_trial_that_is_none_is_refused(client: Client, organizer: User, where: str) -> None:
    study = build_filled_study(protocol=CHECKED, trials_per_rater=12)
    path = f"/api/v1/studies/{study.slug}/preview/trials/{where}/judgment/"
    assert client.put(path, {"choice": "left"}, JSON).json()["type"].endswith("#no-rater")
    Walker(client, study)
    assert client.put(path, {"choice": "left"}, JSON).json()["type"].endswith("#unknown-trial")
    assert client.put(path, {"choice": "up"}, JSON).status_code == 400


def test_every_step_is_marked(client: Client, organizer: User) -> None:
    study = build_filled_study()
    html = page(client, study)
    # Outside of what the page's states show and hide.
    assert html.index('id="preview"') < html.index("data-for=")
    assert 'id="preview"' not in markup(Client().get(f"/rate/{study.slug}/"))


def test_an_organizer_at_the_raters_address_is_told_first(client: Client, organizer: User) -> None:
    study = build_filled_study()
    live = f"/rate/{study.slug}/"

    def state(query: str = "") -> str:
        html = markup(client.get(f"{live}{query}"))
        match = re.search(r'data-state="([\w-]+)"', html)
        assert match and f"/desk/studies/{study.slug}/preview/" in html
        return match[1]

    assert state() == "organizer" and state("?invitation=x") == "organizer"
    assert state("?counted=") == "consent"
    log_in(client, build_rater(study))
    assert state() == "organizer" and state("?counted=") == "waiting"


def test_the_desk_leads_to_the_preview_and_says_what_the_live_address_is(
    client: Client, organizer: User
) -> None:
    study = build_filled_study()
    html = markup(client.get(f"/desk/studies/{study.slug}/"))
    assert f'<a class="button" href="/desk/studies/{study.slug}/preview/">Preview</a>' in html
    assert f'href="/rate/{study.slug}/"' not in html
    assert f"http://testserver/rate/{study.slug}/</code>" in html
    assert "Whoever begins there counts." in html
