"""Side-by-side timings; each prints ratios of one run."""
