"""Task groups: many tasks of a DAG in one statement."""
