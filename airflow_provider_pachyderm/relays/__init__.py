"""DAGs that start others, one run for each commit."""
