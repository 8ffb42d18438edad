"""A Pachyderm-compatible server for demos, tests and laptops; ``app`` puts it together, ``engine`` has the rules."""
