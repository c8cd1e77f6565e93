"""What evaluations come to: the official numbers, and those that can be trusted."""
