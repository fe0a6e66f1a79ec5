"""Foreign text made fit for one line of a report."""

from __future__ import annotations

import re
from pathlib import Path

LONGEST = 300
# Where Python shows an object: in memory it lies elsewhere each time.
_ADDRESS = re.compile(r"0x[0-9a-fA-F]{6,}")


def one_line(text: str, *places: Path) -> str:
    """Text without line breaks and control characters, without paths and addresses of this run.

    Args:
        text: As another program wrote it.
        places: Folders whose names are taken out of it, in this order.
    """
    for place in places:
        for name in dict.fromkeys((str(place), str(place.resolve()))):
            text = text.replace(name + "/", "").replace(name + "\\", "").replace(name, ".")
    text = _ADDRESS.sub("0x…", text)
    words = "".join(c if c.isprintable() else " " for c in text).split()
    line = " ".join(words)
    if len(line) <= LONGEST:
        return line
    # Cut between words: half a secret would not be recognised by whoever takes secrets out.
    head, _space, _cut = line[:LONGEST].rpartition(" ")
    return f"{head} …" if head else "…"


def telling_line(output: bytes) -> str:
    """The line of a program's output that most likely says why it gave up; empty without one.

    That is pytest's own mark for an error, else a line that speaks of an error, else the last.
    """
    lines = [line.strip() for line in output.decode(errors="replace").splitlines()]
    lines = [line for line in lines if line and "Warning" not in line]
    marked = [line for line in lines if line.startswith("E ")]
    spoken = [line for line in lines if "error" in line.lower()]
    return (marked or spoken or lines or [""])[-1]
