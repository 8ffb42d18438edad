"""For tests of code that uses Pachyderm: a dev server in a process of its own, and pytest fixtures (:mod:`.plugin`)."""
