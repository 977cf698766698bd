"""The one exception by which a rule says no: a stable code, and every problem in a line."""


class Refused(Exception):
    """An act that the rules refuse. `code` names the rule; each problem says what to mend."""

    def __init__(self, code: str, *problems: str) -> None:
        super().__init__("\n".join(problems))
        self.code = code
        self.problems = list(problems)
