"""What may be told of raters to everybody, and the search for what may not; no Django here."""
