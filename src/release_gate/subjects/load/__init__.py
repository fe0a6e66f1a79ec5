"""Light open-loop load: sending it, measuring it, comparing it, and reading others' results."""
