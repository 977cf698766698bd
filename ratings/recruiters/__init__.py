"""Places bought from recruiting platforms: how many more, who is paid, and the calls for it."""
