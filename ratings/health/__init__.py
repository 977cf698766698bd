"""How the site fares: what balancers, supervisors, Prometheus, the desk and `doctor` ask."""
