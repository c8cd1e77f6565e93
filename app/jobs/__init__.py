"""What is done about a delivery, outside of the web process."""
