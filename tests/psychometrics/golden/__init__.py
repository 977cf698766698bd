"""Published digits of data that stay, by the version of the method that made them."""
