"""Instances and predictions, as files and hubs hold them."""
