"""The database, and the content of files on the disk."""
