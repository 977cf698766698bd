"""Who is told of what happened, in which words: letters to people, bodies for hooks."""
