"""What will run, on what, with which tools and settings, and why not the rest."""
