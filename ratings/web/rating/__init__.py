"""The rating page, for raters."""
