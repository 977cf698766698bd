"""Pages for teams: signing in, submitting."""
