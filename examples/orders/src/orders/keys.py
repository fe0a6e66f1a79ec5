"""Make an administrator's key: ``python -m orders.keys ops-1``."""

import argparse
import hashlib
import json
import secrets
from collections.abc import Sequence


def make_key(key_id: str) -> tuple[str, str]:
    """A fresh key, and the value of ``ADMIN_KEY_DIGESTS`` that lets it in."""
    key = secrets.token_urlsafe(32)
    digest = hashlib.sha256(key.encode()).hexdigest()
    return key, json.dumps({key_id: digest})


def main(arguments: Sequence[str] | None = None) -> None:
    """The command line; the key is shown once and stored nowhere."""
    parser = argparse.ArgumentParser(description="make an administrator's key")
    parser.add_argument("key_id", help="the name that the audit log shows")
    key, digests = make_key(parser.parse_args(arguments).key_id)
    print(f"X-Admin-Key: {key}")
    print(f"ADMIN_KEY_DIGESTS='{digests}'")


if __name__ == "__main__":
    main()
