"""Branches, what they are made from, and what moves them."""
