"""Who competes, and what is decided by hand where the rules of submitting say no."""
