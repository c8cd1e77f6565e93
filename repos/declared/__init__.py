"""What a repository says of itself in its files, read without running any."""
