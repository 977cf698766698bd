"""An image-compression challenge, judged by people."""
