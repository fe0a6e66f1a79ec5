"""Baselines that other tools wrote: which findings they accept."""
