"""What a person reads: the sentence, the terminal view, Markdown."""
