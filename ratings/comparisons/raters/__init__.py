"""Raters: who they are to the site, how they get in, what is kept about them, whom to pay."""
