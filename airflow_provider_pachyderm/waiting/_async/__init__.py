"""Looks at a server, written once, for triggers. ``_sync`` is generated from it, for tasks."""
