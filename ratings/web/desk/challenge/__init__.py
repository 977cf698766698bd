"""A challenge at the desk: begun, its data sets and phases, what is told of it and taken out."""
