"""Runs a workload under a profiler and reads what it showed."""
