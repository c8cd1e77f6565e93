"""What kills an evaluation and what one costs."""
