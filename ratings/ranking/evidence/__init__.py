"""What a study's judgments tell, read one by one."""
