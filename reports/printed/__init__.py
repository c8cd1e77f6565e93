"""What the commands print on stdout."""
