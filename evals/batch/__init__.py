"""Many instances: jobs, who works on them, and the records they leave."""
