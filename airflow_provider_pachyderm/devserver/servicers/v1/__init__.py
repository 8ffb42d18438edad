"""Services of 1.x."""
