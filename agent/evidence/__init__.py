"""Evidence: made of what a run measured, verified, and measured again."""
