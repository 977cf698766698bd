"""Taking submissions in: rules, files, budgets, and when each is whole."""
