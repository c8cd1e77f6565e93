"""GitHub, as one adapter of the forge interface."""
