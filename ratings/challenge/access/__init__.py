"""Who may see and do what: roles, accounts, links and tokens; what is done by hand, on record."""
