"""A suite of checks against something that runs: read, run in this process, told as evidence."""
