"""What came of it: boards, frozen rankings, series, pictures, and what the panel makes of them."""
