"""Pachyderm 2.0 to 2.12."""
