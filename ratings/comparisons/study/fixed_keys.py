"""Which keys of a definition can't be changed any more, and why."""

from ratings.challenge.exchange.proposals import fixed_phases
from ratings.challenge.models import Challenge
from ratings.comparisons.models import Study
from ratings.comparisons.study.study_tables import fixed_in


def fixed_keys(challenge: Challenge) -> dict[str, str]:
    """Return why each key is fixed, by its place, such as "[[phase]] test: slug".

    The place of a table alone says why the table must stay.
    """
    fixed = {"The challenge: slug": "It stands in addresses that people have."}
    fixed |= fixed_phases(challenge)
    for study in Study.objects.filter(phase__challenge=challenge).select_related("phase"):
        fixed |= {f"[[study]] {study.slug}: {key}": why for key, why in fixed_in(study).items()}
        fixed[f"[[study]] {study.slug}"] = "A study stays, also where the file has it no more."
    return fixed
