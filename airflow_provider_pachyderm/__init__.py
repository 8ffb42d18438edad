"""Apache Airflow provider for Pachyderm, its PFS client and a Pachyderm-compatible dev server.

Importing this package loads neither Airflow nor gRPC.
"""

__version__ = "0.1.0"
