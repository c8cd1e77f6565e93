"""The study of the measuring engine: `make study`, which writes benchmarks/measurement.md."""
