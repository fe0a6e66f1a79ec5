"""Lock files: which there are, what they pin, and whether they are in step with the project."""
