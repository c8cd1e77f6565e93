"""The benchmarks' own procedures: block after block, with their repeats."""
