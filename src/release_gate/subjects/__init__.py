"""Subjects too big for a gate file. They know nothing of gates."""
