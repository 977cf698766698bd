"""Which pictures of data sets show one scene, as the definition says."""

from collections.abc import Iterable

from ratings.challenge.keys.scene_keys import read_scenes, scene_finder
from ratings.challenge.models import Dataset, Original


def picture_scenes(datasets: Iterable[Dataset]) -> dict[int, str]:
    """Return the scene of each picture that has one, by the picture's key.

    A name is one scene, also where several data sets have it.
    """
    scenes = {one.pk: scene_finder(read_scenes(one.scenes)) for one in datasets if one.scenes}
    if not scenes:
        return {}
    pictures = Original.objects.filter(dataset__in=scenes).order_by("pk")
    rows = pictures.values_list("pk", "name", "dataset_id")
    found = {pk: scenes[dataset](name) for pk, name, dataset in rows}
    return {pk: names[0] for pk, names in found.items() if names}
