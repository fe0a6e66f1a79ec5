"""Ready-made checks: each pack turns one line of configuration into ordinary checks."""
