"""What trials on whole repositories share: one run, what is kept of it, and a batch."""
