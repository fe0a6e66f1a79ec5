"""Checks against something that runs: requests, expectations, captures, and what came of them."""
