"""What gates that read source files share: which files, identity, excerpts, suppressions."""
