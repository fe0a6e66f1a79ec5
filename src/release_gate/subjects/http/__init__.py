"""HTTP requests with hard limits: on time, on size, and on where they go."""
