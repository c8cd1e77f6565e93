"""What is told of runs that ended: why, over time, and reports made anew."""
