"""Planning studies: which pair next, when to stop, how many judgments; simulated raters."""
