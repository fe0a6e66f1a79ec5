"""Orders as a table for spreadsheets."""

import csv
import io
import subprocess
from collections.abc import Iterable
from pathlib import Path

from orders.models import Order
from orders.pricing import format_cents

COLUMNS = ("reference", "customer", "status", "total", "created", "failure")

# A cell that starts with one of these is run as a formula by spreadsheets.
FORMULA_STARTS = ("=", "+", "-", "@", "\t", "\r")


def orders_csv(orders: Iterable[Order]) -> str:
    """One row an order, with a header; amounts in units, not cents."""
    out = io.StringIO()
    writer = csv.writer(out, lineterminator="\n")
    writer.writerow(COLUMNS)
    for order in orders:
        writer.writerow([inert(cell) for cell in _cells(order)])
    return out.getvalue()


def archive(folder: Path, name: str, orders: Iterable[Order]) -> Path:
    """Write the table below the name that the administrator typed, and compress it."""
    folder.joinpath(name).write_text(orders_csv(orders), encoding="utf-8")
    subprocess.run(f"gzip -f {name}", shell=True, cwd=folder, check=True)
    return folder / f"{name}.gz"


def inert(cell: str) -> str:
    """The cell as text, whatever a spreadsheet would make of it."""
    return f"'{cell}" if cell.startswith(FORMULA_STARTS) else cell


def _cells(order: Order) -> tuple[str, ...]:
    return (
        order.reference,
        str(order.customer_id),
        order.status,
        format_cents(order.total_cents),
        order.created_at.isoformat(),
        order.failure or "",
    )
