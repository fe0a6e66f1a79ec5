"""Servers on real sockets, each in threads of its own, that do what a scenario needs."""
