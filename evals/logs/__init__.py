"""What the benchmarks' own harnesses leave behind, read as if it were ours."""
