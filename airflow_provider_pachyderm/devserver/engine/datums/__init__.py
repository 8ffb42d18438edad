"""Datums: what a pipeline's command is run for, one after the other."""
