"""What stands below fields of the definition's form, where it is long or said twice."""

AN_INSTANT = "Date, time and zone, such as 2018-04-22 23:59:59 -08:00"
A_LICENCE = "By its SPDX name, such as CC-BY-4.0. Empty: none is stated."
ADJUSTED = (
    "Some of rate, position, fatigue, layout, device and strata, a comma between. Fixed once the "
    "boards are open."
)
QUESTIONS_HELP = (
    'Each under a line [[study.questionnaire]], such as set = "display", or slug, text and kind '
    "of your own. What has answers keeps its meaning."
)
