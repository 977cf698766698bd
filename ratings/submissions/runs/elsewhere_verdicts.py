"""Comparing what a decoder made elsewhere with the pictures that were scored."""

from collections.abc import Mapping, Sequence
from functools import partial

from ratings.challenge.models import Original
from ratings.challenge.pictures.originals import load_original
from ratings.imaging.pixels import decode_checked, read_header
from ratings.sandbox.results.telling_elsewhere import ToldElsewhere
from ratings.submissions.decoded_pictures import load_decoded
from ratings.submissions.runs.outputs import CheckedOutputs


def tell(
    judged: CheckedOutputs,
    originals: Sequence[Original],
    scored: Mapping[int, str],
    where: str,
    *,
    shows_scores: bool,
) -> ToldElsewhere:
    """Compare what was made elsewhere with what was scored, picture by picture.

    `scored` has the SHA-256 of the scored file by the original's key. How PSNR moves would tell of
    originals: it is told where the phase `shows_scores`.
    """
    told = ToldElsewhere(where)
    for original in originals:
        if problem := judged.against.get(original.name):
            told.lose(original.name, problem)
        elif judged.outputs[original].sha256 == scored[original.pk]:
            told.same(original.name)
        else:
            png = judged.outputs[original].file.read_bytes()
            told.compare(
                original.name,
                load_decoded(scored[original.pk]),
                decode_checked(png, read_header(png)),
                partial(load_original, original) if shows_scores else None,
            )
    return told
