"""What was tried before: in this run, and on this repository in earlier ones."""
