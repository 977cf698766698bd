"""The keys of a [[study]] beside its protocol's, each with what it may hold."""

from collections import Counter
from dataclasses import dataclass, field
from decimal import Decimal
from typing import Annotated, Any

from ratings.challenge.keys.checks import number, one_of, positive, size, slug, text, whole
from ratings.challenge.keys.tables import TomlTable
from ratings.comparisons.device_rules import DeviceRules
from ratings.comparisons.models import Study
from ratings.comparisons.protocol import Consent, Protocol
from ratings.comparisons.questionnaire.questions import Question
from ratings.comparisons.questionnaire.study_questions import check_rows, rows_as_json
from ratings.comparisons.study.pilot_keys import PilotTable
from ratings.comparisons.study.recruiter_keys import RecruiterTable
from ratings.comparisons.study.voice_keys import USUAL_VOICES, Voices
from ratings.psychometrics.counts.circumstances import ADJUSTABLE, STRATA
from ratings.psychometrics.design.pairing import Policy

MOST_SIDE = 65_535
# A picture's crops are looked through each time one of them is chosen.
MOST_CROPS = 100
# Beyond it a scale's mean would leave no digits for the scores.
MOST_MEAN = 1_000_000
MOST_JUDGMENTS = 2**31 - 1  # of the column

USUAL = Study()  # for the model's defaults


@dataclass(frozen=True)
class PlacedCrop:
    """A crop that the file places itself, x and y in pixels."""

    picture: str
    x: Annotated[int, whole(0, MOST_SIDE)]
    y: Annotated[int, whole(0, MOST_SIDE)]


@dataclass(frozen=True)
class StopTable:
    """When the study closes by itself."""

    separated: bool = False
    half_width: Annotated[Decimal | None, positive] = None
    judgments: Annotated[int | None, whole(1, MOST_JUDGMENTS)] = None


@dataclass(frozen=True)
class StratumTable:
    """A stratum of pictures: those whose "dataset/name" one of the patterns fits."""

    name: Annotated[str, slug()]
    pictures: tuple[str, ...]

    def check(self, table: TomlTable) -> None:
        """Note that it says of no picture that it is in it."""
        if not self.pictures and table.sound("pictures"):
            table.note("pictures", 'write a list such as ["P/face*.png"].')


@dataclass(frozen=True)
class StudyTable:
    """A [[study]] without its protocol; the limits are of the columns, and of what a page holds."""

    phase: Annotated[str, slug()]
    slug: Annotated[str, slug()]
    name: Annotated[str, text(longest=200)]
    consent: Consent
    series: str = ""
    question: Annotated[str, text(longest=200)] = "Which is closer to the original?"
    methods: tuple[str, ...] = ()
    pictures: tuple[str, ...] = ()
    crops: tuple[PlacedCrop, ...] = ()
    crop_size: Annotated[tuple[int, int], size] = (USUAL.crop_width, USUAL.crop_height)
    crops_per_picture: Annotated[int, whole(1, MOST_CROPS)] = USUAL.crops_per_picture
    trials_per_rater: Annotated[int, whole(1, 10_000)] = USUAL.trials_per_rater
    seed: Annotated[int, whole(1)] = USUAL.seed
    ties_allowed: bool = USUAL.ties_allowed
    tie_model: Annotated[str, one_of(Study.TieModel.values)] = USUAL.tie_model
    scale: Annotated[str, one_of(Study.Scale.values)] = USUAL.scale
    scale_mean: Annotated[float, number(-MOST_MEAN, MOST_MEAN)] = USUAL.scale_mean
    pairing: Annotated[str, one_of(list(Policy))] = USUAL.pairing
    exploration: Annotated[float, number(0, 1)] = USUAL.exploration
    adjust: tuple[str, ...] = ()
    strata: tuple[StratumTable, ...] = ()
    stop: StopTable = StopTable()
    pilot: PilotTable | None = None
    recruiter: tuple[RecruiterTable, ...] = ()
    voices: Voices = USUAL_VOICES
    devices: DeviceRules = field(default_factory=DeviceRules)
    questionnaire: tuple[Question, ...] = ()

    def check(self, table: TomlTable) -> None:
        """Note what the keys say against one another."""
        table.refuse_repeated("methods", self.methods)
        table.refuse_repeated("pictures", self.pictures)
        table.refuse_repeated("crops", [f"{c.picture} at {c.x}, {c.y}" for c in self.crops])
        for picture, times in Counter(crop.picture for crop in self.crops).items():
            if times > MOST_CROPS:
                table.note("crops", f"{picture} has {times}; at most {MOST_CROPS} are possible.")
        self._check_adjusting(table)
        check_rows(table, self.questionnaire)
        has_mean = "scale_mean" in table.raw and table.sound("scale", "scale_mean")
        if has_mean and self.scale != Study.Scale.ELO:
            mend = f'the {self.scale} scale has mean 0; leave it out, or write scale = "elo".'
            table.note("scale_mean", mend)

    def _check_adjusting(self, table: TomlTable) -> None:
        """Note what a ranking can't be adjusted for, and strata that nothing asks for."""
        table.refuse_repeated("adjust", self.adjust)
        table.refuse_repeated("strata", [stratum.name for stratum in self.strata])
        for name in self.adjust:
            if name not in ADJUSTABLE:
                table.note("adjust", f"{name!r} is not one of: {', '.join(ADJUSTABLE)}.")
        if self.strata and STRATA not in self.adjust:
            table.note("strata", f'nothing asks for them; add "{STRATA}" to adjust.')

    def model_fields(self, protocol: Protocol) -> dict[str, Any]:
        """Return the fields of the model, the phase as its slug."""
        fields = dict(vars(self))
        crops, size, stop = (fields.pop(key) for key in ("crops", "crop_size", "stop"))
        recruiters = fields.pop("recruiter")
        return fields | {
            "methods": list(self.methods),
            "pictures": list(self.pictures),
            "placed_crops": [vars(crop) for crop in crops],
            "adjust": list(self.adjust),
            "recruiters": [one.as_json() for one in recruiters],
            "strata": [
                {"name": stratum.name, "pictures": list(stratum.pictures)}
                for stratum in self.strata
            ],
            "pilot": self.pilot and vars(self.pilot),
            "crop_width": size[0],
            "crop_height": size[1],
            "voices": self.voices.said(),
            "stop_when_separated": stop.separated,
            "stop_half_width": stop.half_width and float(stop.half_width),
            "stop_judgments": stop.judgments,
            "devices": self.devices.as_json(),
            "questionnaire": rows_as_json(self.questionnaire),
            "protocol_json": protocol.as_json(),
        }
