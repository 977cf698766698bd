"""What fits say: of a study, of its pictures one by one, of a series of phases."""
