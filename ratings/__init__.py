"""An image-compression challenge, judged by people."""

__version__ = "0.1.0"
