"""What takes part in a study: methods, pictures, and crops that its file places itself."""

from collections import Counter
from collections.abc import Collection, Mapping
from typing import Any

from django.db.models import Q, QuerySet

from ratings.challenge.models import Original, Phase, Series
from ratings.challenge.names import name_problem
from ratings.comparisons.models import Entry, Pair, Study
from ratings.submissions.models import Submission

# Width and height of a phase's pictures, by data set and name.
PictureSizes = Mapping[str, Mapping[str, tuple[int, int]]]


def of_phase(phase: Phase) -> Q:
    """Return what filters studies for those that compare what is on a phase's boards."""
    return Q(phase=phase) | Q(series__in=Series.objects.filter(phases=phase).values("pk"))


def phases_of(study: Study) -> list[Phase]:
    """Return the phases whose boards a study compares, in the challenge's order."""
    if study.series is None:
        return [study.phase]
    return list(study.series.phases.select_related("challenge").order_by("position"))


def rates_of(study: Study) -> list[str]:
    """Return the slugs of the phases that a study of a series compares; of one phase alone none."""
    return [phase.slug for phase in phases_of(study)] if study.series_id else []


def has_method(study: Study, submission: Submission) -> bool:
    """Tell whether a submission may enter a study: its method is named, or none is."""
    return not study.methods or submission.method in study.methods


def takes_part(study: Study, submission: Submission) -> bool:
    """Tell whether a submission's entry is compared: its method takes part, and it is not out."""
    return not submission.exclusion and has_method(study, submission)


def left_entries(*studies: Study) -> QuerySet[Entry]:
    """Return the entries that take no part any more: out of the competition, or of their study.

    A replaced one is none of them.
    """
    gone = ~Q(submission__exclusion="")
    for study in studies:
        if study.methods:
            gone |= Q(study=study) & ~Q(submission__method__in=study.methods)
    return Entry.objects.filter(gone, study__in=studies)


def ranked_pairs(*studies: Study) -> QuerySet[Pair]:
    """Return the pairs whose judgments are ranked: neither of their entries has left."""
    gone = left_entries(*studies).values("pk")
    pairs = Pair.objects.filter(study__in=studies)
    return pairs.exclude(Q(first__in=gone) | Q(second__in=gone))


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


def write_participation(study: Study) -> dict[str, Any]:
    """Return what takes part as keys of a [[study]]."""
    return {"methods": study.methods, "pictures": study.pictures, "crops": study.placed_crops}


def participation_problems(
    pictures: PictureSizes, methods: Collection[str], fields: Mapping[str, Any]
) -> list[str]:
    """Return what is named although the phase hasn't got it: its pictures, submitted methods.

    Methods are looked for where there are any, and pictures where a data set has any: a file may
    be written before either.
    """
    problems = [
        f"methods: {problem}"
        for name in fields["methods"]
        if (problem := _unknown_method(name, methods))
    ]
    return problems + picture_problems(pictures, fields)


def picture_problems(pictures: PictureSizes, fields: Mapping[str, Any]) -> list[str]:
    """Return what is named of a phase's pictures although it hasn't got it, or crops outside."""
    problems = [
        f"pictures: {problem}"
        for name in fields["pictures"]
        if (problem := _unknown_picture(name, pictures))
    ]
    for crop in fields["placed_crops"]:
        problem = _unknown_picture(crop["picture"], pictures) or _misplaced(crop, fields, pictures)
        if problem:
            problems.append(f"crops: {problem}")
    return problems


def _unknown_method(name: str, methods: Collection[str]) -> str:
    if not methods:
        return name_problem(name)
    if name not in methods:
        known = ", ".join(sorted(methods))
        return f"no submission of the phase is called {name!r}; there are: {known}."
    return ""


def _unknown_picture(name: str, pictures: PictureSizes) -> str:
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
    pictures: PictureSizes,
) -> str:
    name = crop["picture"]
    if fields["pictures"] and name not in fields["pictures"]:
        return f"{name!r} is not one of `pictures`; name it there, or leave the crop out."
    dataset, _, file = name.partition("/")
    size = pictures[dataset].get(file)
    if size is None:
        return ""
    width, height = size
    most_x = max(0, width - fields["crop_width"])
    most_y = max(0, height - fields["crop_height"])
    if crop["x"] <= most_x and crop["y"] <= most_y:
        return ""
    return (
        f"{name!r}: a crop at {crop['x']}, {crop['y']} leaves the picture of {width} x "
        f"{height} pixels; x may be at most {most_x}, y at most {most_y}."
    )
