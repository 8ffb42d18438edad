"""Projects and repos."""
