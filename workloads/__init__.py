"""What is timed, how two versions are compared, and whether the answer is the same."""
