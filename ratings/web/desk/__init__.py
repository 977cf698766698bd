"""Pages for organizers."""
