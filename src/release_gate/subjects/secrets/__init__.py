"""Scanning for secrets with detect-secrets: the worker, its output, the native baseline.

A secret's value never leaves the worker process; what comes out is its type,
its place, and detect-secrets' own hash of it.
"""
