"""What raters say beside their answers, and taking all of it back."""
