"""What a model may do to look into a repository and to try a change, on a scratch tree."""
