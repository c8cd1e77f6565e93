"""What a terminal, or a pipe, shows of a run while it lasts."""
