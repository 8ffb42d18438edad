"""Pachyderm 1.4 to 1.13."""
