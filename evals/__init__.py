"""The benchmarks: instances, predictions, official scores and better ones."""
