"""Pachyderm as object storage: ``ObjectStoragePath("pfs://conn_id@repo/branch/path")``."""
