"""The async client, from which ``tools/unasync.py`` generates the sync one."""
