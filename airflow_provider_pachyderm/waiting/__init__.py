"""What sensors and deferring operators wait for, and how those who wait for the same share their calls."""
