"""Sensors: tasks that wait for Pachyderm."""
