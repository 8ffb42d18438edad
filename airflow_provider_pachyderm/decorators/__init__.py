"""Decorators for DAGs."""
