"""The REST API: translation between HTTP and the rooms, no logic of its own."""
