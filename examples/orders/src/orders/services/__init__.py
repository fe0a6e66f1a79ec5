"""What the service does, free of HTTP: sessions and values in, rows out."""
