"""Services of 2.x."""
