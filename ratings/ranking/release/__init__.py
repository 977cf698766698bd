"""The public release of a study: judgments that lead to nobody, and all that checks its ranking."""
