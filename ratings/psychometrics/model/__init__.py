"""The models of a judgment: likelihoods, their maxima, and where none exists."""
