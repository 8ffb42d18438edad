"""Secrets that pipelines use."""
