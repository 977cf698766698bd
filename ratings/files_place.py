"""Where a site's files lie: a folder, or a bucket of an object store that speaks S3."""

import re
from dataclasses import dataclass, field
from pathlib import Path
from urllib.parse import parse_qsl, unquote, urlsplit

A_PLACE = "file:///FOLDER, or s3://BUCKET/PREFIX?endpoint_url=https://HOST&region=REGION"
USUAL_REGION = "us-east-1"
BUCKET = re.compile(r"[a-z0-9][a-z0-9.-]{1,61}[a-z0-9]")
PREFIX = re.compile(r"[A-Za-z0-9_-][A-Za-z0-9_.-]*(/[A-Za-z0-9_-][A-Za-z0-9_.-]*)*")


@dataclass(frozen=True)
class Keys:
    """What a bucket is opened with; where both are empty, what the machine itself was given."""

    access_key_id: str = ""
    secret_access_key: str = field(default="", repr=False)


@dataclass(frozen=True)
class BucketPlace:
    """A bucket, or what lies in it below a prefix; without an endpoint it is Amazon's."""

    bucket: str
    prefix: str = ""
    endpoint_url: str = ""
    region: str = USUAL_REGION
    keys: Keys = Keys()

    def __str__(self) -> str:
        return f"s3://{self.bucket}{self.prefix and '/'}{self.prefix}"


FilesPlace = Path | BucketPlace


def read_place(text: str, keys: Keys = Keys()) -> FilesPlace:
    """Return the place that an address names. Raises ValueError with the mend."""
    url = urlsplit(text)
    if url.username or url.password:
        raise ValueError("has a key in it; set AWS_ACCESS_KEY_ID and AWS_SECRET_ACCESS_KEY.")
    if url.scheme == "file" and not url.netloc and not url.query and len(url.path) > 1:
        return _folder(unquote(url.path))
    if url.scheme == "s3":
        return _bucket(url.netloc, url.path.strip("/"), dict(parse_qsl(url.query)), keys)
    raise ValueError(f"is {text!r}; write {A_PLACE}.")


def _folder(path: str) -> Path:
    folder = Path(path).resolve()
    if folder.exists() and not folder.is_dir():
        raise ValueError(f"names {path!r}, which is a file; name a folder.")
    return folder


def _bucket(bucket: str, prefix: str, options: dict[str, str], keys: Keys) -> BucketPlace:
    endpoint_url = options.pop("endpoint_url", "").rstrip("/")
    region = options.pop("region", USUAL_REGION)
    if options:
        raise ValueError(f"has {min(options)!r}; beside endpoint_url and region it takes nothing.")
    if not BUCKET.fullmatch(bucket):
        raise ValueError(f"names the bucket {bucket!r}; write {A_PLACE}.")
    if prefix and not PREFIX.fullmatch(prefix):
        raise ValueError(f"has the prefix {prefix!r}; take letters, digits, '.', '-', '_' and '/'.")
    if endpoint_url and urlsplit(endpoint_url).scheme not in ("http", "https"):
        raise ValueError(f"has the endpoint {endpoint_url!r}; write https://HOST.")
    return BucketPlace(bucket, prefix, endpoint_url, region, keys)
