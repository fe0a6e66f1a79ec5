"""Orders: takes customers' orders, processes them, and keeps an audit trail."""

__version__ = "1.7.4"
