"""A definition at the desk: as a form, and as choices of what is shown to whom."""
