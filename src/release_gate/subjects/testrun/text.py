"""Foreign text made fit for one line of a report."""

from __future__ import annotations

from pathlib import Path

LONGEST = 300


def one_line(text: str, *places: Path) -> str:
    """Text without line breaks and control characters, without paths of this machine.

    Args:
        text: As another program wrote it.
        places: Folders whose names are taken out of it, in this order.
    """
    for place in places:
        for name in dict.fromkeys((str(place), str(place.resolve()))):
            text = text.replace(name + "/", "").replace(name + "\\", "").replace(name, ".")
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
