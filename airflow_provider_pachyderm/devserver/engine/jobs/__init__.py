"""Jobs: what pipelines are to do for commits, and how far that is."""
