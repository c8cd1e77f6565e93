"""The loop that turns a workload into a verified patch: graph, proposers, gate, budget, record."""
