"""Charts of pages as SVG."""
