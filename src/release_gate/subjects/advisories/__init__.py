"""Vulnerability data: OSV records from an archive or a live service, served from loopback.

pip-audit is always pointed at a server of ours on the loopback interface. It
answers from an archive or passes questions on, and it keeps count, so that
"nothing found" can be told from "nobody answered".
"""
