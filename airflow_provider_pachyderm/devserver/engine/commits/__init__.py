"""Commits and commit sets, from start to removal."""
