"""Policy: evidence in, report out. A pure package."""
