"""The pictures of a phase, and the page of one: what they say, and to whom; their files."""

import json
import re
from datetime import timedelta
from uuid import uuid4

import pytest
from django.test import Client
from django.utils import timezone

from ratings.challenge.models import Phase
from ratings.challenge.pictures.originals import load_original
from ratings.fidelity.models import Distortion
from ratings.imaging.pixels import decode_png
from ratings.storage import content_store
from ratings.submissions.models import Submission
from ratings.viewing.models import PreparedPicture
from tests.builders import build_organizer, build_submission
from tests.comparisons.builders import build_study
from tests.fidelity.builders import build_scored_submission
from tests.viewing.builders import build_shown_phase, close_studies, prepare_all
from tests.web.builders import build_running_phase
from tests.web.pages import markup, page, queries
from tests.web.routes import status

pytestmark = pytest.mark.django_db


def address(phase: Phase, below: str = "") -> str:
    return f"/{phase.challenge.slug}/{phase.slug}/pictures/{below}"


def facts(html: str) -> dict[str, object]:
    """Return what the viewer's script is given."""
    found = re.search(r'<script id="viewer-facts" type="application/json">(.*?)</script>', html)
    assert found
    given: dict[str, object] = json.loads(found[1])
    return given


def tile_of(html: str) -> str:
    """Return the address of a tile that a page tells of."""
    versions = facts(html)["versions"]
    assert isinstance(versions, list)
    return f"{versions[0]['tiles']}0-0-0.webp"


def png(client: Client, path: str) -> bytes:
    """Return a PNG that is sent."""
    answer = client.get(path)
    assert answer["Content-Type"] == "image/png"
    return answer.getvalue()


def methods(phase: Phase) -> list[Submission]:
    return list(phase.submissions.order_by("method"))


def test_the_grid_has_each_picture_with_its_facts(client: Client) -> None:
    phase = build_shown_phase()
    html = page(client, address(phase))
    for name in ("a.png", "b.png"):
        assert f'href="{address(phase, name)}/"' in html
        assert f"/previews/{phase.datasets.get().slug}/{name}" in html
    assert html.count(" dB apart") == 2 and html.count("against PSNR") > 2
    assert len(re.findall(r"\d+ judgments?, \d+ % against PSNR", html)) == 2


def test_the_grid_is_put_in_order(client: Client) -> None:
    phase = build_shown_phase()
    Distortion.objects.filter(decoded_image__original__name="b.png").update(squared_error=0)
    Distortion.objects.filter(
        decoded_image__original__name="b.png", decoded_image__submission__method="method-1"
    ).update(squared_error=10**6)

    def names(query: str) -> list[str]:
        return re.findall(r'<span class="name">(.*?)</span>', page(client, address(phase, query)))

    assert names("?sort=spread") == ["b.png", "a.png"]
    assert names("?sort=name") == names("?sort=name&left=x") == ["a.png", "b.png"]
    assert names("") == names("?sort=disagreement") == names("?sort=nonsense")
    assert sorted(names("?sort=judgments")) == ["a.png", "b.png"]
    assert "one identical" in page(client, address(phase))


def test_a_choice_of_methods_leads_on(client: Client) -> None:
    phase = build_shown_phase()
    one, two, _ = methods(phase)
    query = f"?left={one.pk}&amp;right={two.pk}"
    html = page(client, address(phase, query.replace("&amp;", "&")))
    assert "method-0 and method-1 on each of 2 pictures" in html
    assert f'href="{address(phase, "a.png")}/{query}"' in html
    assert f'href="?sort=name{query.replace("?", "&amp;")}"' in html
    html = page(client, address(phase, f"a.png/{query.replace('&amp;', '&')}"))
    assert f'data-left="{one.pk}" data-right="{two.pk}"' in html or "is being prepared" in html
    assert f'href="{address(phase, "b.png")}/{query}"' in html


def test_the_page_has_numbers_and_whole_files_without_a_script(client: Client) -> None:
    phase = build_shown_phase()
    html = page(client, address(phase, "a.png/"))
    original = phase.originals().get(name="a.png")
    for submission in methods(phase):
        assert f">{submission.method}</a>" in html
        image = submission.decoded_images.get(original=original)
        file = address(phase, f"a.png/{submission.pk}.png")
        assert f'href="{file}"' in html
        assert png(client, file) == content_store.load(image.sha256)
    sent = png(client, address(phase, "a.png/original.png"))
    assert (decode_png(sent) == load_original(original)).all()
    assert "One picture says little" in html and "±" in html
    assert "is being prepared" in html and 'id="viewer"' not in html


def test_the_viewer_is_given_levels_and_tiles_once_they_are_prepared(client: Client) -> None:
    phase = build_shown_phase()
    prepare_all()
    html = page(client, address(phase, "a.png/"))
    given = facts(html)
    assert (given["width"], given["height"], given["tile_side"]) == (8, 6, 512)
    assert given["levels"] == [{"shrink": 1, "width": 8, "height": 6}]
    answer = client.get(tile_of(html))
    assert answer["Content-Type"] == "image/webp" and "private" in answer["Cache-Control"]
    assert answer.content[:4] == b"RIFF"
    best = methods(phase)[0]
    assert f'data-left="{best.pk}" data-right="original"' in html
    assert "is being prepared" not in html and "Not prepared" not in html
    PreparedPicture.objects.filter(decoded__submission=best).delete()
    html = page(client, address(phase, "a.png/"))
    assert "Not prepared for the viewer yet: method-0" in html
    assert f'data-left="{methods(phase)[1].pk}"' in html


@pytest.mark.parametrize("hidden", ["study", "originals", "boards", "draft"])
def test_hidden_pictures_and_unknown_ones_answer_alike(client: Client, hidden: str) -> None:
    phase = build_shown_phase()
    prepare_all()
    one = methods(phase)[0]
    tile = tile_of(page(client, address(phase, "a.png/")))
    assert client.get(tile).status_code == 200
    if hidden == "study":
        close_studies(phase, is_open=True)
    elif hidden == "draft":
        type(phase.challenge).objects.update(draft=True)
    else:
        Phase.objects.update(**{f"{hidden}_open_at": timezone.now() + timedelta(days=1)})
    nothing = client.get(address(phase))
    assert nothing.status_code == 404
    for below in ("a.png/", "nothing.png/", f"a.png/{one.pk}.png", "a.png/original.png"):
        answer = client.get(address(phase, below))
        assert (answer.status_code, answer.content) == (404, nothing.content)
    assert client.get(tile).status_code == 404


def test_while_boards_are_frozen_pages_and_tiles_are_hidden_and_the_page_says_why(
    client: Client,
) -> None:
    phase = build_shown_phase()
    prepare_all()
    tile = tile_of(page(client, address(phase, "a.png/")))
    now = timezone.now()
    Phase.objects.update(boards_frozen_from=now, boards_frozen_until=now + timedelta(days=1))
    assert client.get(tile).status_code == 404
    for below in ("", "a.png/"):
        answer = client.get(address(phase, below))
        assert answer.status_code == 404
        assert "are frozen" in markup(answer) and "pictures and later rankings" in markup(answer)
    call = f"/api/v1/challenges/{phase.challenge.slug}/phases/{phase.slug}/pictures/"
    assert client.get(call).status_code == 404


def test_before_release_organizers_see_the_numbers_and_nobody_a_tile(client: Client) -> None:
    phase = build_shown_phase()
    prepare_all()
    tile = tile_of(page(client, address(phase, "a.png/")))
    close_studies(phase, is_open=True)
    client.force_login(build_organizer())
    for below in ("", "a.png/"):
        assert "Only organizers see this page" in page(client, address(phase, below))
    assert client.get(tile).status_code == 404
    assert status(client, address(phase, "a.png/original.png")) == 200


def test_a_preview_of_a_later_instant_says_what_is_shown_then(client: Client) -> None:
    phase = build_shown_phase(originals_open_at=timezone.now() + timedelta(days=2))
    client.force_login(build_organizer())

    def previewed(days: int) -> str:
        at = f"{timezone.now() + timedelta(days=days):%Y-%m-%dT%H:%M:%SZ}"
        look = f"/desk/challenges/{phase.challenge.slug}/preview/visitor/{at}"
        return markup(client.get(f"{look}{address(phase, 'a.png/')}"))

    assert "are not shown now" in previewed(1)
    assert "is being prepared" in previewed(3) and "method-0" in previewed(3)


def test_what_is_not_there_is_not_found(client: Client) -> None:
    phase = build_shown_phase()
    worse = build_submission(phase, methods(phase)[0].team)
    for below in ("c.png/", f"a.png/{uuid4()}.png", f"a.png/{worse.pk}.png", "a.png/x.png"):
        assert client.get(address(phase, below)).status_code == 404
    for place in ("0-1-0", "9-0-0"):
        assert client.get(f"/tiles/{'0' * 32}/{place}.webp").status_code == 404


def test_a_link_to_a_method_that_left_says_so(client: Client) -> None:
    phase = build_shown_phase()
    prepare_all()
    gone = methods(phase)[0]
    Submission.objects.filter(pk=gone.pk).update(exclusion=Submission.Exclusion.WITHDRAWN)
    for below in ("", "a.png/"):
        html = page(client, address(phase, f"{below}?left={gone.pk}"))
        assert "is not shown any more" in html and "method-0" not in html
    assert client.get(address(phase, f"a.png/{gone.pk}.png")).status_code == 404


def test_boards_and_methods_lead_to_pictures_as_long_as_these_are_shown(client: Client) -> None:
    phase = build_shown_phase()
    one, two, _ = methods(phase)
    board = f"/{phase.challenge.slug}/{phase.slug}/board/"
    entry = f"/{phase.challenge.slug}/{phase.slug}/{one.pk}/"
    html = page(client, board)
    assert html.count(f'href="{address(phase)}?left={one.pk}"') == 2
    html = page(client, entry)
    assert f'href="{address(phase)}?left={one.pk}&amp;right={two.pk}"' in html
    assert f'href="{address(phase, "a.png")}/?left={one.pk}&amp;right=original"' in html
    close_studies(phase, is_open=True)
    assert "/pictures/" not in page(client, board) + page(client, entry)


def test_a_phase_without_a_study_has_its_pictures_too(client: Client) -> None:
    phase = build_running_phase()
    for error in (1, 2):
        build_scored_submission(phase, error=error)
    html = page(client, address(phase))
    assert "judgment" not in html and "dB apart" in html
    assert "Score here" not in page(client, address(phase, "a.png/"))


def test_simulated_judgments_are_said_to_be_so(client: Client) -> None:
    phase = build_shown_phase()
    assert "synthetic" not in page(client, address(phase))
    phase.studies.get().rankings.update(simulated=True)
    for below in ("", "a.png/"):
        assert "synthetic raters" in page(client, address(phase, below))


def test_a_hostile_name_stays_text(client: Client) -> None:
    phase = build_shown_phase()
    Submission.objects.update(method="</script><script>alert('x')</script>")
    prepare_all()
    html = page(client, address(phase, "a.png/"))
    assert "<script>alert" not in html


def test_costs_do_not_grow_with_pictures_or_methods(client: Client) -> None:
    small = build_shown_phase()
    large = build_shown_phase(names=[f"{number}.png" for number in range(5)])
    build_study(large, is_open=False)
    for below in ("", "?sort=name"):
        assert queries(client, address(large, below)) <= queries(client, address(small, below)) + 2
    assert (
        queries(client, address(large, "0.png/")) <= queries(client, address(small, "a.png/")) + 2
    )


def test_a_browser_is_told_at_once_of_what_is_seen_first(client: Client) -> None:
    phase = build_shown_phase()
    prepare_all()
    html = page(client, address(phase, "a.png/"))
    preloaded = re.findall(r'<link rel="preload" href="(/tiles/[^"]+)" as="image"', html)
    assert len(preloaded) == html.count('href="/tiles/') == 2
    assert [client.get(tile).status_code for tile in preloaded] == [200, 200]


def test_the_desk_says_what_the_viewer_takes(client: Client) -> None:
    phase = build_shown_phase()
    client.force_login(build_organizer())
    desk = f"/desk/challenges/{phase.challenge.slug}/phases/{phase.slug}/"
    assert "0 of 8 versions" in page(client, desk)
    prepare_all()
    assert "8 of 8 versions" in page(client, desk)
    close_studies(phase, is_open=True)
    assert "nothing of this phase is prepared" in page(client, desk)
