"""What takes part in a study: methods, pictures, and crops that its file places itself."""

from collections import Counter
from collections.abc import Mapping, Sequence
from typing import Any

from ratings.challenge.models import Original, Phase
from ratings.challenge.tables import Table
from ratings.comparisons.models import Study
from ratings.submissions.models import Submission

MOST_SIDE = 65_535
# A picture's crops are looked through each time one of them is chosen.
MOST_CROPS = 100


def has_method(study: Study, submission: Submission) -> bool:
    """Tell whether a submission may enter a study: its method is named, or none is."""
    return not study.methods or submission.method in study.methods


def has_picture(study: Study, original: Original) -> bool:
    """Tell whether a picture is cropped for a study: it is named, or none is."""
    return not study.pictures or picture_name(original) in study.pictures


def picture_name(original: Original) -> str:
    """Return a picture's name as the study file has it."""
    return f"{original.dataset.slug}/{original.name}"


def placed_at(study: Study, original: Original) -> list[tuple[int, int]]:
    """Return x and y of the crops that the study's file places in a picture, in pixels."""
    name = picture_name(original)
    return [(crop["x"], crop["y"]) for crop in study.placed_crops if crop["picture"] == name]


def most_crops(study: Study) -> int:
    """Return how many crops a picture of the study has at most."""
    placed = Counter(crop["picture"] for crop in study.placed_crops)
    return max([study.crops_per_picture, *placed.values()])


def read_participation(table: Table) -> dict[str, Any]:
    """Return the model's fields of what a [[study]] names; note its problems."""
    fields: dict[str, Any] = {
        "methods": list(table.texts("methods", default=[])),
        "pictures": list(table.texts("pictures", default=[])),
        "placed_crops": list(map(_crop, table.rows("crops"))),
    }
    for key in ("methods", "pictures"):
        table.refuse_repeated(key, fields[key])
    places = [f"{crop['picture']} at {crop['x']}, {crop['y']}" for crop in fields["placed_crops"]]
    table.refuse_repeated("crops", places)
    for picture, times in Counter(crop["picture"] for crop in fields["placed_crops"]).items():
        if times > MOST_CROPS:
            table.note("crops", f"{picture} has {times}; at most {MOST_CROPS} are possible.")
    return fields


def write_participation(study: Study) -> dict[str, Any]:
    """Return the keys that `read_participation` reads."""
    return {"methods": study.methods, "pictures": study.pictures, "crops": study.placed_crops}


def _crop(table: Table) -> dict[str, Any]:
    crop = {
        "picture": table.text("picture"),
        "x": table.whole("x", most=MOST_SIDE),
        "y": table.whole("y", most=MOST_SIDE),
    }
    table.refuse_unknown()
    return crop


def participation_problems(phase: Phase, fields: Mapping[str, Any]) -> list[str]:
    """Return what is named although the phase hasn't got it.

    Methods are looked for where there are submissions, and pictures where a data set has any: a
    file may be written before either.
    """
    problems = _unknown_methods(phase, fields["methods"])
    pictures: dict[str, dict[str, Original]] = {slug: {} for slug in _datasets(phase)}
    for original in phase.originals():
        pictures[original.dataset.slug][original.name] = original
    problems += [
        f"pictures: {problem}"
        for name in fields["pictures"]
        if (problem := _unknown_picture(name, pictures))
    ]
    for crop in fields["placed_crops"]:
        problem = _unknown_picture(crop["picture"], pictures) or _misplaced(crop, fields, pictures)
        if problem:
            problems.append(f"crops: {problem}")
    return problems


def _datasets(phase: Phase) -> list[str]:
    return list(phase.datasets.values_list("slug", flat=True))


def _unknown_methods(phase: Phase, methods: Sequence[str]) -> list[str]:
    known = set(phase.submissions.values_list("method", flat=True))
    return [
        f"methods: no submission of the phase is called {name!r}; there are: "
        f"{', '.join(sorted(known))}."
        for name in methods
        if known and name not in known
    ]


def _unknown_picture(name: str, pictures: Mapping[str, Mapping[str, Original]]) -> str:
    dataset, slash, file = name.partition("/")
    if not slash or not file:
        return f'{name!r} must name data set and file, such as "P/a.png".'
    if dataset not in pictures:
        return f"{name!r}: the phase has no data set {dataset!r}; it has {', '.join(pictures)}."
    if pictures[dataset] and file not in pictures[dataset]:
        return f"{name!r}: the data set has no such picture; correct the name."
    return ""


def _misplaced(
    crop: Mapping[str, Any],
    fields: Mapping[str, Any],
    pictures: Mapping[str, Mapping[str, Original]],
) -> str:
    name = crop["picture"]
    if fields["pictures"] and name not in fields["pictures"]:
        return f"{name!r} is not one of `pictures`; name it there, or leave the crop out."
    dataset, _, file = name.partition("/")
    original = pictures[dataset].get(file)
    if original is None:
        return ""
    most_x = max(0, original.width - fields["crop_width"])
    most_y = max(0, original.height - fields["crop_height"])
    if crop["x"] <= most_x and crop["y"] <= most_y:
        return ""
    return (
        f"{name!r}: a crop at {crop['x']}, {crop['y']} leaves the picture of {original.width} x "
        f"{original.height} pixels; x may be at most {most_x}, y at most {most_y}."
    )
