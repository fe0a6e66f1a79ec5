"""Monthly statements: what a customer ordered, paid for, and still owes an answer to."""

import json
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta

from orders.models import Order, OrderStatus
from orders.pricing import format_cents

WIDTH = 72
DISCOUNT_STEPS = ((1_000_000, 5), (500_000, 3), (100_000, 1))


@dataclass(slots=True)
class Position:
    """One order on a statement."""

    reference: str
    ordered: date
    status: str
    amount_cents: int


@dataclass(slots=True)
class Article:
    """How much of one article was ordered."""

    sku: str
    quantity: int = 0
    amount_cents: int = 0


@dataclass(slots=True)
class Statement:
    """A customer's month."""

    customer_id: int
    month: date
    positions: list[Position] = field(default_factory=list)
    articles: dict[str, Article] = field(default_factory=dict)
    completed_cents: int = 0
    open_cents: int = 0
    failed_cents: int = 0
    cancelled_cents: int = 0
    discount_percent: int = 0


def build(customer_id: int, month: date, orders: Iterable[Order]) -> Statement:
    """Put the orders of one month together."""
    statement = Statement(customer_id, month.replace(day=1))
    first, last = span(month)
    for order in orders:
        ordered = order.created_at.date()
        if ordered < first:
            continue
        if ordered > last:
            continue
        add_position(statement, order, ordered)
        add_articles(statement, order)
    statement.positions.sort(key=lambda position: (position.ordered, position.reference))
    statement.discount_percent = discount(statement.completed_cents)
    return statement


def span(month: date) -> tuple[date, date]:
    """The first and the last day of a month."""
    first = month.replace(day=1)
    somewhere_next = first + timedelta(days=32)
    last = somewhere_next.replace(day=1) - timedelta(days=1)
    return first, last


def add_position(statement: Statement, order: Order, ordered: date) -> None:
    """Add an order, and its amount to the sum that its status belongs to."""
    position = Position(order.reference, ordered, order.status, order.total_cents)
    statement.positions.append(position)
    if order.status == OrderStatus.COMPLETED:
        statement.completed_cents += order.total_cents
    elif order.status == OrderStatus.FAILED:
        statement.failed_cents += order.total_cents
    elif order.status == OrderStatus.CANCELLED:
        statement.cancelled_cents += order.total_cents
    else:
        statement.open_cents += order.total_cents


def add_articles(statement: Statement, order: Order) -> None:
    """Count the articles of an order that was completed."""
    if order.status != OrderStatus.COMPLETED:
        return
    for line in order.lines:
        article = statement.articles.get(line.sku)
        if article is None:
            article = Article(line.sku)
            statement.articles[line.sku] = article
        article.quantity += line.quantity
        article.amount_cents += line.quantity * line.unit_price_cents


def discount(completed_cents: int) -> int:
    """The discount in percent that a month's sales earn."""
    for at_least, percent in DISCOUNT_STEPS:
        if completed_cents >= at_least:
            return percent
    return 0


def discount_cents(statement: Statement) -> int:
    """The discount as an amount, in favour of the customer."""
    exact = statement.completed_cents * statement.discount_percent
    whole, rest = divmod(exact, 100)
    if rest:
        whole += 1
    return whole


def payable_cents(statement: Statement) -> int:
    """What is left to pay."""
    payable = statement.completed_cents
    payable -= discount_cents(statement)
    return max(payable, 0)


def as_text(statement: Statement) -> str:
    """The statement for a mail."""
    lines = heading(statement)
    if statement.positions:
        lines.append("")
        lines.append("Orders")
        lines.extend(position_lines(statement.positions))
    if statement.articles:
        lines.append("")
        lines.append("Articles")
        lines.extend(article_lines(statement.articles.values()))
    lines.append("")
    lines.extend(sum_lines(statement))
    return "\n".join(lines) + "\n"


def heading(statement: Statement) -> list[str]:
    """Whose statement, and of which month."""
    title = f"Statement for {statement.month:%B %Y}"
    customer = f"customer {statement.customer_id}"
    gap = WIDTH - len(title) - len(customer)
    first = title + " " * max(gap, 1) + customer
    rule = "=" * WIDTH
    return [first, rule]


def position_lines(positions: Sequence[Position]) -> list[str]:
    """One line an order; a repeated day is shown once."""
    lines = []
    previous: date | None = None
    for position in positions:
        day = "" if position.ordered == previous else position.ordered.isoformat()
        previous = position.ordered
        left = f"{day:<12}{position.reference:<26}{position.status.lower():<12}"
        amount = format_cents(position.amount_cents)
        lines.append(left + amount.rjust(WIDTH - len(left)))
    return lines


def article_lines(articles: Iterable[Article]) -> list[str]:
    """One line an article, the best sold first."""
    lines = []
    ranked = sorted(articles, key=lambda article: (-article.amount_cents, article.sku))
    for article in ranked:
        left = f"{article.quantity:>6} x {article.sku}"
        amount = format_cents(article.amount_cents)
        lines.append(left + amount.rjust(WIDTH - len(left)))
    return lines


def sum_lines(statement: Statement) -> list[str]:
    """The sums, without those that are zero."""
    lines = []
    sums = [
        ("completed", statement.completed_cents),
        ("open", statement.open_cents),
        ("failed", statement.failed_cents),
        ("cancelled", statement.cancelled_cents),
    ]
    for name, amount in sums:
        if amount == 0:
            continue
        lines.append(name + format_cents(amount).rjust(WIDTH - len(name)))
    if statement.discount_percent:
        name = f"discount of {statement.discount_percent} %"
        amount_text = format_cents(-discount_cents(statement))
        lines.append(name + amount_text.rjust(WIDTH - len(name)))
    name = "to pay"
    lines.append("-" * WIDTH)
    lines.append(name + format_cents(payable_cents(statement)).rjust(WIDTH - len(name)))
    return lines


def as_json(statement: Statement) -> str:
    """The statement for other programs."""
    positions = []
    for position in statement.positions:
        row = {
            "reference": position.reference,
            "ordered": position.ordered.isoformat(),
            "status": position.status,
            "amount_cents": position.amount_cents,
        }
        positions.append(row)
    articles = []
    for article in statement.articles.values():
        counted = {
            "sku": article.sku,
            "quantity": article.quantity,
            "amount_cents": article.amount_cents,
        }
        articles.append(counted)
    document = {
        "customer_id": statement.customer_id,
        "month": f"{statement.month:%Y-%m}",
        "positions": positions,
        "articles": articles,
        "discount_cents": discount_cents(statement),
        "payable_cents": payable_cents(statement),
    }
    return json.dumps(document, indent=2, sort_keys=True)


def months_between(first: datetime, last: datetime) -> list[date]:
    """Every month that the span touches, the oldest first."""
    months = []
    current = first.date().replace(day=1)
    end = last.date().replace(day=1)
    while current <= end:
        months.append(current)
        after = current + timedelta(days=32)
        current = after.replace(day=1)
    return months


def history(customer_id: int, orders: Sequence[Order]) -> list[Statement]:
    """One statement a month, from the first order to the last; months without orders too."""
    if not orders:
        return []
    times = sorted(order.created_at for order in orders)
    statements = []
    for month in months_between(times[0], times[-1]):
        statement = build(customer_id, month, orders)
        statements.append(statement)
    return statements


def trend(statements: Sequence[Statement]) -> list[str]:
    """A bar a month, the best month as long as the page is wide."""
    if not statements:
        return []
    best = max(statement.completed_cents for statement in statements)
    if best == 0:
        return []
    lines = []
    for statement in statements:
        label = f"{statement.month:%Y-%m} "
        room = WIDTH - len(label)
        length = statement.completed_cents * room // best
        bar = "#" * length
        lines.append(label + bar)
    return lines


def compare(current: Statement, previous: Statement) -> str:
    """One sentence about how a month did against the one before."""
    difference = current.completed_cents - previous.completed_cents
    amount = format_cents(abs(difference))
    if difference > 0:
        direction = "more"
    elif difference < 0:
        direction = "less"
    else:
        return "As much as in the month before."
    sentence = f"{amount} {direction} than in the month before"
    if previous.completed_cents:
        percent = abs(difference) * 100 // previous.completed_cents
        sentence = f"{sentence} ({percent} %)"
    return f"{sentence}."


def age_groups(orders: Iterable[Order], today: date) -> dict[str, int]:
    """How long unfinished orders have waited: amounts by age."""
    groups = {"today": 0, "this week": 0, "older": 0}
    for order in orders:
        if order.finished_at is not None:
            continue
        waited = today - order.created_at.date()
        if waited < timedelta(days=1):
            groups["today"] += order.total_cents
        elif waited < timedelta(days=7):
            groups["this week"] += order.total_cents
        else:
            groups["older"] += order.total_cents
    return groups
