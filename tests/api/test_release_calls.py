"""Public releases over REST: published and withdrawn by organizers, fetched by everybody."""

from collections.abc import Callable

import pytest
from django.test import Client
from django.utils import timezone

from ratings.challenge.models import Phase
from ratings.challenge.refusals import Refused
from ratings.comparisons.models import Study
from ratings.ranking.models import PublicRelease
from ratings.ranking.release.public_releases import withdraw_release
from ratings.storage.content_store import store
from tests.api.conftest import SetTime, bearer
from tests.builders import NOW, build_organizer, build_token
from tests.comparisons.builders import build_study
from tests.ranking.releases import build_releasable

pytestmark = pytest.mark.django_db
CONTENT = b"PK a zip"


@pytest.fixture
def organizer() -> Client:
    return bearer(build_token(build_organizer(username="ann")))


@pytest.fixture
def study() -> Study:
    return build_releasable(raters=1)


def build_release(study: Study, **fields: object) -> PublicRelease:
    """Save a published release whose file is no zip."""
    published = {"state": "published", "by": "Ada", "license": "CC0-1.0", "asked_at": NOW}
    published |= {"ended_at": NOW, "sha256": store(CONTENT), "size_bytes": len(CONTENT)}
    published |= {"files": [{"path": "README.md", "bytes": 7, "sha256": "0" * 64}]}
    return PublicRelease.objects.create(**({"study": study, "number": 1} | published | fields))


def releases(study: Study, rest: str = "") -> str:
    return f"/api/v1/studies/{study.slug}/releases/{rest}"


def test_an_organizer_asks_for_one_and_sees_how_far_it_is(
    organizer: Client, study: Study, client: Client
) -> None:
    path = releases(study, "asked/")
    assert client.get(path).status_code == client.post(path).status_code == 401
    asked = organizer.post(path, {"pictures": []}, "application/json")
    assert asked.status_code == 202
    told = asked.json()
    assert (told["number"], told["state"], told["url"]) == (1, "waiting", None)
    assert (told["license"], told["by"], told["findings"]) == ("CC-BY-4.0", "ann", [])
    assert organizer.get(path).json()["results"] == [told]
    assert client.get(releases(study)).json()["results"] == []
    assert "secret" not in told


def test_what_stands_against_it_is_said(organizer: Client, study: Study) -> None:
    Study.objects.update(is_open=True)
    path = releases(study, "asked/")
    refused = organizer.post(path, {"pictures": ["P", "X"]}, "application/json")
    assert refused.status_code == 422 and refused.json()["type"].endswith("#release")
    details = [error["detail"] for error in refused.json()["errors"]]
    assert details == [
        "The study is open: close it first, so that its data are whole.",
        "The phase has no data set 'X'.",
        "The pictures of P can't be in it: the definition states no licence of them.",
    ]
    assert organizer.post(path, {"photos": []}, "application/json").status_code == 400


def test_everybody_fetches_it_by_an_address_for_good(client: Client, study: Study) -> None:
    build_release(study)
    (listed,) = client.get(releases(study)).json()["results"]
    assert (listed["number"], listed["bytes"], listed["license"]) == (1, 8, "CC0-1.0")
    assert not {"by", "findings", "counts", "problem"} & listed.keys()
    whole = client.get(releases(study, "1/")).json()
    assert whole["files"] == [{"path": "README.md", "bytes": 7, "sha256": "0" * 64}]
    answer = client.get(listed["url"])
    assert answer.getvalue() == CONTENT and answer["Content-Type"] == "application/zip"
    assert answer["Cache-Control"] == "public, no-cache"
    assert f'filename="{study.slug}-v1.zip"' in answer["Content-Disposition"]
    again = client.get(listed["url"], headers={"If-None-Match": answer["ETag"]})
    assert again.status_code == 304
    part = client.get(listed["url"], headers={"Range": "bytes=3-3"})
    assert (part.status_code, part.getvalue()) == (206, b"a")


def test_while_boards_are_hidden_there_is_none(
    client: Client, organizer: Client, study: Study, set_time: SetTime
) -> None:
    build_release(study)
    Phase.objects.update(boards_open_at=NOW)
    set_time(NOW.replace(year=2017))
    paths = [releases(study), releases(study, "1/"), releases(study, "1.zip")]
    for path in paths:
        assert client.get(path).status_code == 404
        assert organizer.get(path)["Cache-Control"] == "private, no-store"
    set_time(NOW)
    for path in paths:
        assert client.get(path).status_code == 200
    for path in (releases(study, "2/"), releases(study, "2.zip")):
        assert client.get(path).status_code == 404


@pytest.mark.parametrize(
    ("change", "why"),
    [
        (lambda study: Phase.objects.update(boards_frozen_from=NOW), "boards are frozen"),
        (lambda study: Study.objects.update(is_open=True), "A study of the phase is open"),
        (lambda study: build_study(phase=study.phase, slug="more"), "A study of the phase is open"),
    ],
    ids=["frozen", "open again", "another"],
)
def test_what_tells_frozen_boards_or_whose_a_picture_is_is_withheld(
    client: Client,
    organizer: Client,
    study: Study,
    change: Callable[[Study], object],
    why: str,
) -> None:
    build_release(study)
    change(study)
    for path in (releases(study), releases(study, "1/"), releases(study, "1.zip")):
        refused = client.get(path)
        assert refused.status_code == 403, path
        assert refused.json()["type"].endswith("#release-withheld")
        assert why in refused.json()["errors"][0]["detail"]
        assert organizer.get(path)["Cache-Control"] == "private, no-store"


@pytest.mark.parametrize("state", ["waiting", "scanning", "refused", "failed"])
def test_what_is_not_published_is_not_there(client: Client, study: Study, state: str) -> None:
    build_release(study, state=state)
    assert client.get(releases(study)).json()["results"] == []
    assert client.get(releases(study, "1.zip")).status_code == 404


def test_a_withdrawn_one_is_gone_and_says_so(
    client: Client, organizer: Client, study: Study
) -> None:
    build_release(study)
    path = releases(study, "1/withdraw/")
    assert client.post(path).status_code == 401
    assert organizer.post(path, {}, "application/json").status_code == 400
    withdrawn = organizer.post(path, {"note": "A mistake."}, "application/json").json()
    assert (withdrawn["state"], withdrawn["url"], withdrawn["sha256"]) == ("withdrawn", None, "")
    for rest in ("1/", "1.zip"):
        gone = client.get(releases(study, rest))
        assert gone.status_code == 410 and gone.json()["type"].endswith("#withdrawn")
        assert gone["Cache-Control"] == "no-cache"
    (listed,) = client.get(releases(study)).json()["results"]
    assert (listed["number"], listed["state"]) == (1, "withdrawn")
    assert (
        organizer.post(
            releases(study, "2/withdraw/"), {"note": "x"}, "application/json"
        ).status_code
        == 404
    )


def test_findings_say_what_mends_them_where_they_do(organizer: Client, study: Study) -> None:
    place = {"file": "README.md", "line": 3, "column": 17, "kind": "an e-mail address"}
    build_release(study, state="refused", findings=[place, place | {"mend": "Change it."}])
    (told,) = organizer.get(releases(study, "asked/")).json()["results"]
    assert [found["mend"] for found in told["findings"]] == ["", "Change it."]


def test_only_what_is_published_can_be_withdrawn(study: Study) -> None:
    with pytest.raises(Refused, match="nothing to withdraw"):
        withdraw_release(build_release(study, state="refused"), "Why", "Ada", timezone.now())
