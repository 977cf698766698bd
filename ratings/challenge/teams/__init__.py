"""Teams and their members: their names, passwords and sessions."""
