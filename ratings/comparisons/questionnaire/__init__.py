"""Questions that raters answer before and after judging: defined, checked, stored, read."""
