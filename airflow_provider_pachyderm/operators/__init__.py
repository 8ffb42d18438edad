"""Operators: tasks that write to and read from Pachyderm."""
