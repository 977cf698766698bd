"""Challenge, data sets, originals, phases and teams; their definition file and calendar."""
