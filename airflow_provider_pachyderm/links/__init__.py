"""Links: from a task to the Pachyderm console."""
