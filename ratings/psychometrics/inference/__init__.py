"""From likelihood to ranking: covariances, intervals, rank sets, scales."""
