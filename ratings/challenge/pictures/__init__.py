"""A data set's pictures: on their way, taken in, and as one zip."""
