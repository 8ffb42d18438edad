"""What tasks share, operators, sensors and filesystems alike: arguments, commits that belong to a task, lineage."""
