"""The local side of transfers: files, archives and streams on this machine, and what their names become in PFS."""
