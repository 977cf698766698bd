"""What enters a phase: submissions, baselines, metrics, and their factsheets."""
