"""How to mend what bandit finds: one sentence for each of its tests, in our own words."""

from __future__ import annotations

_XML = "Parse untrusted XML with defusedxml."
_PASSWORD = "Revoke it where it is valid, and read it from the environment or a secret store."  # noqa: S105 - advice
_HASH = "Use hashlib.sha256, or pass usedforsecurity=False where it guards nothing."
_PLAIN_TEXT = "Use an encrypted protocol: SSH, SFTP or HTTPS."
_TLS = "Take ssl.create_default_context(), which negotiates TLS 1.2 or newer."
_CIPHER = "Use AES-GCM or ChaCha20-Poly1305 of the cryptography package."
_LOADS = "Read untrusted data with a format that cannot run code, as json can."
_SHELL = 'Pass a list and no shell: subprocess.run(["zip", path], check=True).'
_ESCAPE = "Leave escaping to the template, and mark as safe only constants of your own."
_SQL = "Pass values as bound parameters of the query, never in its text."
_EXCEPT = "Catch the exception that you expect, and log or handle it."

ADVICE = {
    "B101": "Raise an exception: asserts are gone when Python runs with -O.",
    "B102": "Call the function that is meant, from a table of the allowed ones.",
    "B103": "Give only the owner the right to write: mode 0o700, or 0o600 for a file.",
    "B104": "Listen on 127.0.0.1, or take the address from the settings.",
    "B105": _PASSWORD,
    "B106": _PASSWORD,
    "B107": _PASSWORD,
    "B108": "Make the file with tempfile.NamedTemporaryFile or the folder with mkdtemp.",
    "B110": _EXCEPT,
    "B112": _EXCEPT,
    "B113": "Pass timeout=: without one a silent server holds the caller for ever.",
    "B201": "Take debug from the settings, off in production: its console runs any code.",
    "B202": 'Pass filter="data" to extractall.',
    "B301": _LOADS,
    "B302": _LOADS,
    "B303": _HASH,
    "B304": _CIPHER,
    "B305": _CIPHER,
    "B306": "Use tempfile.mkstemp, which makes the file before it tells its name.",
    "B307": "Use ast.literal_eval for values, or a table of the allowed expressions.",
    "B308": _ESCAPE,
    "B310": "Check that the address begins with https:// before it is opened.",
    "B311": "Use the secrets module where the value must not be guessed.",
    "B312": _PLAIN_TEXT,
    "B313": _XML,
    "B314": _XML,
    "B315": _XML,
    "B316": _XML,
    "B317": _XML,
    "B318": _XML,
    "B319": _XML,
    "B321": _PLAIN_TEXT,
    "B323": "Take ssl.create_default_context(), which verifies the certificate.",
    "B324": _HASH,
    "B401": _PLAIN_TEXT,
    "B402": _PLAIN_TEXT,
    "B403": _LOADS,
    "B404": "Check each call below it, then accept the import: the baseline, or bandit's skips.",
    "B405": _XML,
    "B406": _XML,
    "B407": _XML,
    "B408": _XML,
    "B409": _XML,
    "B411": "Call defusedxml.xmlrpc.monkey_patch() before the first use.",
    "B412": "Serve the application through WSGI or ASGI.",
    "B413": _CIPHER,
    "B415": "Reach the management network through an encrypted tunnel only.",
    "B501": "Take verify=False out; for a private authority pass its certificate.",
    "B502": _TLS,
    "B503": _TLS,
    "B504": _TLS,
    "B505": "Use RSA of 3072 bits or more, or an elliptic curve of 256.",
    "B506": "Use yaml.safe_load.",
    "B507": "Load the known host keys and reject any other: RejectPolicy.",
    "B508": "Use SNMP version 3.",
    "B509": "Use SNMP version 3 with authentication and privacy.",
    "B601": "Quote every value with shlex.quote before it becomes part of a remote command.",
    "B602": _SHELL,
    "B603": "Make sure that the program is fixed and that no argument from outside is an option.",
    "B604": _SHELL,
    "B605": _SHELL,
    "B606": "Make sure that the program is fixed and that no argument from outside is an option.",
    "B607": "Name the program by its whole path, or find it once with shutil.which.",
    "B608": _SQL,
    "B609": "Name the files: a wildcard also matches names that read as options.",
    "B610": _SQL,
    "B611": _SQL,
    "B612": "Pass verify= to listen, or read the logging settings from a file.",
    "B613": "Take the invisible direction marks out of the source.",
    "B614": "Pass weights_only=True.",
    "B615": "Pin revision= to a commit.",
    "B701": "Pass autoescape=True, or select_autoescape().",
    "B702": 'Pass default_filters=["h"].',
    "B703": _ESCAPE,
    "B704": _ESCAPE,
}


def advice(test_id: str) -> str:
    """What to do about a finding of a test; empty for tests of plug-ins that we do not know."""
    return ADVICE.get(test_id, "")
