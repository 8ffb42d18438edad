"""Reading and writing files, and file sets."""
