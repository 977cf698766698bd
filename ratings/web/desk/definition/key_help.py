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
ANY_NUMBER = "Empty: it goes on until you go over to the main stage."
LEVEL = "Such as 0.01: at most so many honest raters lose theirs. Empty: none is ended."
AWAY = "Without an answer. Empty: however long."
OWN_TEAM = "They are not shown its pictures."
PLATFORMS = (
    "Each under a line [[study.recruiting.platforms]], such as slug, completion_code and "
    "completion_url."
)
QUOTAS = (
    'Each under a line [[study.recruiting.quotas]], such as attribute = "language", '
    'value = "de" and most_raters = 40.'
)
RECRUITERS = (
    "Each under a line [[study.recruiter]]: platform, reward, currency, money_limit, step and "
    "description; money in pence or cents."
)
