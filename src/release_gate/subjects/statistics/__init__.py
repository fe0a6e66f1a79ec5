"""Estimates with their uncertainty: pure functions, the standard library only.

Each method is told with its source in ``docs/explanation/statistics.md``.
"""
