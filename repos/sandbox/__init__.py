"""Where commands of the target run: contained by bubblewrap or Docker, or not at all."""
