"""From judgments to a ranking: fitting, intervals and synthetic raters, without Django."""
