"""Ruff and black: their settings, their output, and what it means."""
