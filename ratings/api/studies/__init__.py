"""A study for who runs it and who checks it: outlooks, payments, judgments, bundles, releases."""
