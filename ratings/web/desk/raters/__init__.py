"""A study's raters at the desk: invited, recruited, screened, and looked at one by one."""
