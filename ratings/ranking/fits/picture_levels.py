"""The scenes of a study's pictures as the pure functions take them."""

import numpy as np

from ratings.challenge.pictures.scenes import picture_scenes
from ratings.comparisons.models import Study
from ratings.psychometrics.arrays import Numbers
from ratings.psychometrics.counts.cluster_levels import NOTHING_ABOVE


def scene_numbers(study: Study, pictures: Numbers) -> Numbers | None:
    """Return the number of each picture's scene, (pictures,), `NOTHING_ABOVE` where it has none.

    `pictures` are keys of originals, again and again; None where no picture of the study's data
    sets has a scene.
    """
    scenes = picture_scenes(study.phase.datasets.all())
    if not scenes:
        return None
    numbers = {name: number for number, name in enumerate(sorted(set(scenes.values())))}
    different, place = np.unique(pictures, return_inverse=True)
    found = [numbers.get(scenes.get(key, ""), NOTHING_ABOVE) for key in different.tolist()]
    return np.array(found, np.int64)[place]
