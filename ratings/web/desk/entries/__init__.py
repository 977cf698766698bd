"""Who and what competes, at the desk: teams, submissions, methods, metrics, and the panel."""
