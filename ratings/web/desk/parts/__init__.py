"""What the desk's pages share: who may open them, charts, and fields to fill in."""
