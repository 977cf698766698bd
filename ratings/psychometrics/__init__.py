"""From judgments to a ranking: fitting, intervals, pairing and synthetic raters, without Django."""
