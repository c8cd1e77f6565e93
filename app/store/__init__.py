"""What the app must not lose: deliveries, jobs, and what people decided."""
