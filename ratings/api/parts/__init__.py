"""What all calls share: who asks, JSON, tables and files in and out, and what errors answer."""
