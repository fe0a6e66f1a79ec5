"""Bandit: its settings, its report, and proof of what it read."""
