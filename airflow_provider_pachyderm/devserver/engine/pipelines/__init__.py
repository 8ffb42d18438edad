"""Pipelines: their specs, versions, repos and branches."""
