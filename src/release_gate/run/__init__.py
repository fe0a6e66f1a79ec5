"""Runs a plan: collects evidence from gates side by side and reports events."""
