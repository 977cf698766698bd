"""The one exception by which a rule says no: a stable code, and every problem in a line."""

from datetime import datetime


class Refused(Exception):
    """An act that the rules refuse. `code` names the rule; each problem says what to mend.

    `retry_at` is the first instant at which the same act would be allowed, where waiting helps.
    """

    def __init__(self, code: str, *problems: str, retry_at: datetime | None = None) -> None:
        super().__init__("\n".join(problems))
        self.code = code
        self.problems = list(problems)
        self.retry_at = retry_at
