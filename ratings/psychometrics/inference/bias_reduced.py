"""Firth's bias-reduced scores of all ranked methods, beside those by maximum likelihood."""

from collections.abc import Mapping

import numpy as np

from ratings.psychometrics.counts.tally import Tally
from ratings.psychometrics.model.connectivity import placement
from ratings.psychometrics.model.firth import firth_scores


def bias_reduced(tally: Tally) -> Mapping[str, float]:
    """Return the bias-reduced scores in log odds of the methods that have a rank, by method.

    They exist for each of them, also where no judgment says how far it is ahead or behind. As for
    the scores beside them, the methods on the scale have a mean of 0; without any, all have.
    """
    chosen = placement(tally)
    score = firth_scores(tally.wins()[np.ix_(chosen.ranked, chosen.ranked)])
    on_scale = np.isin(chosen.ranked, chosen.placed or chosen.ranked)
    centred = score - score[on_scale].mean() if len(score) else score
    return {tally.methods[i]: one for i, one in zip(chosen.ranked, centred.tolist(), strict=True)}
