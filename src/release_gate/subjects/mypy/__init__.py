"""Mypy: its settings, its run, and proof of what it read."""
