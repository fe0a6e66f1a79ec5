"""From a finished report to files and screens: pure views of one result."""
