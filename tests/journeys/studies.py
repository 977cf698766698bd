"""Small studies beside the demo's, one for each way of asking raters, on photographs of its own."""

import base64
import io
import json
import urllib.request
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray
from PIL import Image
from skimage import data

from tests.comparisons.questionnaires import EACH_KIND
from tests.waiting import PATIENCE_SECONDS

SIDE = 280
# Quality of JPEG by method: clearly different, so that nobody need look twice.
METHODS = {"plain": 8, "fine": 25, "finest": 70}
PLATFORM = {
    "slug": "prolific",
    "completion_code": "C1A2B3D4",
    "screenout_code": "S9Z8Y7X6",
    "completion_url": "https://crowd.example/done?cc={code}",
}
QUIET = {
    "crop_size": [128, 128],
    "crops_per_picture": 2,
    "training": {"trials": 0},
    "checks": {"golden": 0.0, "repeats": 0.0},
    "break_every": 0,
}
GERMAN = {
    "language": "de",
    "name": "Studie flip",
    "question": "Welche Fassung ist dem Original näher?",
    "consent": "Sie nehmen freiwillig teil.\n\nSie dürfen jederzeit aufhören.",
}
STUDIES: dict[str, dict[str, Any]] = {
    "flip": {
        "ties_allowed": True,
        "languages": ["en", "de"],
        "translations": [GERMAN],
        "trials_per_rater": 24,
    },
    "sides": {"layout": "sides"},
    "against": {"layout": "against"},
    "double": {"enlarge": 2},
    "ratio": {"enlarge": 0},
    "short": {
        "trials_per_rater": 3,
        "break_every": 2,
        "recruiting": {"platforms": [PLATFORM]},
    },
    "trained": {
        "trials_per_rater": 4,
        "training": {"trials": 2, "right": 2, "attempts": 2},
        "recruiting": {"platforms": [PLATFORM]},
        "voices": {"contact": "raters@challenge.example", "own_result": "ranking"},
    },
    "roomy": {"small_window": "refuse", "crop_size": [256, 256]},
    "wide": {"crop_size": [280, 280], "small_window": "pan"},
    "invited": {"recruiting": {"open": False}},
    "closing": {},
    "asking": {
        "trials_per_rater": 2,
        "languages": ["en", "de"],
        "translations": [GERMAN],
        "questionnaire": [*EACH_KIND, {"set": "colour-plates"}],
    },
    "fitting": {"devices": {"least_width": 1024, "least_height": 600, "phones": False}},
    "full": {"recruiting": {"most_raters": 1}},
    "piloted": {
        "pilot": {},
        "trials_per_rater": 4,
        "screening": {"drop_under_ms": 0, "drop_unflipped": False},
    },
    # Every answer is too fast for it.
    "watched": {
        "trials_per_rater": 24,
        "checks": {"golden": 0.1, "repeats": 0.0},
        "screening": {"drop_under_ms": 600_000, "quality": 0},
        "endings": {"hopeless": 0.01},
        "recruiting": {"platforms": [PLATFORM]},
    },
    "teams": {
        "languages": ["en", "de"],
        "translations": [GERMAN],
        "recruiting": {
            "own_team": True,
            "quotas": [{"attribute": "language", "value": "de", "most_raters": 0}],
        },
    },
}


def pictures() -> dict[str, NDArray[np.uint8]]:
    """Return square cuts of photographs that scikit-image ships, by file name."""
    whole = [data.astronaut(), data.chelsea(), data.coffee(), data.immunohistochemistry()]
    cuts = [np.ascontiguousarray(rgb[:SIDE, 100:][:, :SIDE]) for rgb in whole]
    return {f"{number}.png": cut for number, cut in enumerate(cuts)}


def write_definition(folder: Path, *, closes: int) -> Path:
    """Write the challenge's file, whose phase closes in a year, and its originals; return the file.

    Raters judge whether the phase is open or not.
    """
    (folder / "J").mkdir(parents=True, exist_ok=True)
    for name, rgb in pictures().items():
        Image.fromarray(rgb).save(folder / "J" / name)
    lines = [
        'slug = "journeys"',
        'name = "Journeys"',
        'summary = "Studies of every kind."',
        '[[dataset]]\nslug = "J"\nname = "Cuts"\noriginals = "J"',
        '[[phase]]\nslug = "open"\nname = "Open"\ndatasets = ["J"]',
        f"opens = 2018-01-15T00:00:00Z\ncloses = {closes}-01-15T00:00:00Z",
    ]
    for slug, keys in STUDIES.items():
        study = {"phase": "open", "slug": slug, "name": f"Study {slug}", **QUIET, **keys}
        study |= {"consent": "You take part of your own free will.\n\nYou may stop at any time."}
        lines += ["[[study]]", *(f"{key} = {toml(value)}" for key, value in study.items())]
    file = folder / "journeys.toml"
    file.write_text("\n".join(lines))
    return file


def toml(value: object) -> str:
    """Return a value as a definition file has it."""
    if isinstance(value, dict):
        return "{ " + ", ".join(f"{key} = {toml(one)}" for key, one in value.items()) + " }"
    if isinstance(value, list):
        return "[" + ", ".join(map(toml, value)) + "]"
    return json.dumps(value)


def submit_all(url: str, challenge: str = "journeys") -> None:
    """Send every method's decoded pictures as a team of its own, over REST."""
    for method, quality in METHODS.items():
        submit(url, challenge, method, {n: coded(rgb, quality) for n, rgb in pictures().items()})


def submit(url: str, challenge: str, method: str, pngs: dict[str, bytes]) -> str:
    """Send a method's decoded pictures to the phase "open" as a team of its own; return the id."""
    auth = "Basic " + base64.b64encode(f"{method}:a long password".encode()).decode()

    def send(verb: str, path: str, body: bytes) -> dict[str, Any]:
        kind = "application/json" if verb == "POST" else "application/octet-stream"
        headers = {"Authorization": auth, "Content-Type": kind}
        request = urllib.request.Request(f"{url}/api/v1/{path}", body, headers, method=verb)
        with urllib.request.urlopen(request, timeout=PATIENCE_SECONDS) as answer:
            sent: dict[str, Any] = json.load(answer)
        return sent

    body = {"challenge": challenge, "phase": "open", "method": method, "email": "j@example.org"}
    submission = str(send("POST", "submissions/", json.dumps(body).encode())["id"])
    for name, png in pngs.items():
        send("PUT", f"submissions/{submission}/decoded/{name}", png)
    send("POST", f"submissions/{submission}/submit/", b"{}")
    return submission


def coded(rgb: NDArray[np.uint8], quality: int) -> bytes:
    """Return the PNG of what JPEG of some quality leaves of a picture."""
    jpeg, png = io.BytesIO(), io.BytesIO()
    Image.fromarray(rgb).save(jpeg, "JPEG", quality=quality)
    Image.open(jpeg).convert("RGB").save(png, "PNG")
    return png.getvalue()


def are_ready(url: str) -> bool:
    """Tell whether every study has its trials to give."""
    least = {slug: int(STUDIES[slug]["trials_per_rater"]) for slug in ("flip", "trained")}
    return all(has_trials(url, slug, trials) for slug, trials in least.items())


def has_trials(url: str, slug: str, least: int) -> bool:
    """Tell whether a study has so many trials to give; it is asked as a rater would."""
    request = urllib.request.Request(
        f"{url}/api/v1/studies/{slug}/raters/",
        b'{"consent": true}',
        {"Content-Type": "application/json"},
    )
    with urllib.request.urlopen(request, timeout=PATIENCE_SECONDS) as answer:
        total: int = json.load(answer)["total"]
    return total >= least
