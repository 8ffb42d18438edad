"""What the files of a commit are, and how that is stored."""
