"""What happened and is to be told: on record with the act itself, delivered by workers."""
