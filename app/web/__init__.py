"""What a browser and the forge's webhooks talk to."""
