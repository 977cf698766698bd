"""Crops from a bucket by the shipped configuration of nginx, with a real store behind it."""

import re
import subprocess
from collections.abc import Iterator
from pathlib import Path

import pytest

from ratings.files_place import BucketPlace
from ratings.storage.shelves import CROPS
from ratings.storage.site_store import the_bucket
from tests.http.proxied import HEADERS_MORE, NGINX, Answer, Proxy, proxied, shipped, site_behind
from tests.waiting import eventually

pytestmark = [
    pytest.mark.slow,
    pytest.mark.skipif(
        not (NGINX and HEADERS_MORE.exists()),
        reason="needs nginx (packages 'nginx-light', 'libnginx-mod-http-headers-more-filter')",
    ),
]
ADDRESS = "ab" * 16
# All that a browser is told of a crop.
TOLD = {
    "Content-Type": "image/webp",
    "Cache-Control": "public, max-age=31536000, immutable",
    "Cross-Origin-Resource-Policy": "same-origin",
    "X-Content-Type-Options": "nosniff",
    "Server": "nginx",
    "Connection": "keep-alive",
}
# What a browser may send: none of it changes what comes.
ASKED = [
    {},
    {"Range": "bytes=0-3"},
    {"If_None_Match": "*"},
    {"If_Modified_Since": "Tue, 01 Jan 2999 00:00:00 GMT"},
]


@pytest.fixture
def site(transactional_db: None, bucket: BucketPlace, tmp_path: Path) -> Iterator[Proxy]:
    """nginx, a web server behind it, and the bucket behind both."""
    host = bucket.endpoint_url.removeprefix("http://")
    here = {"https://store.example.org": f"http://{host}", "store.example.org": host}
    variables = {
        "RATINGS_FILES_URL": f"{bucket}?endpoint_url={bucket.endpoint_url}",
        "AWS_ACCESS_KEY_ID": bucket.keys.access_key_id,
        "AWS_SECRET_ACCESS_KEY": bucket.keys.secret_access_key,
        "RATINGS_NGINX_CROPS": "1",
    }
    in_place = shipped("nginx-bucket.conf", here)
    with proxied(tmp_path, in_place) as proxy, site_behind(proxy, tmp_path, **variables):
        yield proxy


def test_crops_come_whole_and_tell_nothing_of_the_store(
    site: Proxy, bucket: BucketPlace, tmp_path: Path
) -> None:
    CROPS.write(ADDRESS, b"a crop" * 1000)
    for headers in ASKED:
        answer = site.ask("GET", f"/crops/{ADDRESS}.webp", **headers)
        assert (answer.status, answer.body) == (200, b"a crop" * 1000)
        told = {name: value for name, value in answer.headers.items() if name != "Date"}
        assert told == TOLD | {"Content-Length": "6000"}
    head = site.ask("HEAD", f"/crops/{ADDRESS}.webp")
    assert (head.status, head.headers["Content-Length"], head.body) == (200, "6000", b"")

    # A crop is lengthened at its address: the next one who asks gets that.
    CROPS.write(ADDRESS, b"a longer crop")
    assert site.ask("GET", f"/crops/{ADDRESS}.webp").body == b"a longer crop"

    # Neither what is not there, nor the store's own words, nor the bucket's place is told.
    missing = site.ask("GET", f"/crops/{'cd' * 16}.webp")
    assert missing.status == 404 and "immutable" not in missing.headers.get("Cache-Control", "")
    inner = site.ask("GET", f"/store{the_bucket().signed_path(f'crops/ab/{ADDRESS}.webp')}")
    assert inner.status == 404
    refused = ask_with_another_host(site, tmp_path)
    assert refused.headers["Retry-After"] == "5"
    assert refused.headers["Cache-Control"] == "private, no-store"
    for answer in (missing, inner, refused):
        said = f"{answer.headers} {answer.body!r}"
        assert not any(word in said for word in (bucket.bucket, bucket.prefix, "Amz", "minio"))


def ask_with_another_host(site: Proxy, folder: Path) -> Answer:
    """Let nginx ask the store by a name that is not signed, which it refuses; return the 503."""
    file, told = folder / "ratings.conf", []
    file.write_text(
        re.sub(r"(?<=proxy_set_header Host )[\d.:]+", "other.example.org", file.read_text())
    )
    subprocess.run([str(NGINX), "-c", str(folder / "nginx.conf"), "-s", "reload"], check=True)

    def refused() -> bool:
        told.append(site.ask("GET", f"/crops/{ADDRESS}.webp"))
        return told[-1].status == 503

    assert eventually(refused)
    return told[-1]
