"""The outside world: processes, git, files, environments and clocks. Implements the ports."""
