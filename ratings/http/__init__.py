"""What every answer of the site has in common, whichever room gives it."""
