"""The desk at a glance: what needs attention, each challenge, each study."""
