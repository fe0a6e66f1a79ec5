"""Probes that ask something other than a web service, one small module each."""
