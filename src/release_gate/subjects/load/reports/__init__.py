"""Results of other load tools, read as evidence for more requests than we send ourselves."""
