"""A canary: rounds of checks against what is new and what is old, and what they decide."""
