"""The history of the schema: it leads where the models are, and back."""

import sqlite3
from pathlib import Path

import pytest
from alembic import command
from alembic.config import Config
from alembic.script import ScriptDirectory
from sqlalchemy import create_engine, inspect

from orders.models import Base

ROOT = Path(__file__).parents[1]

Schema = dict[str, dict[str, list[str]]]


@pytest.fixture
def config() -> Config:
    config = Config(ROOT / "alembic.ini")
    config.attributes["configure-logging"] = False
    return config


@pytest.fixture
def path(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    path = tmp_path / "migrated.db"
    monkeypatch.setenv("DATABASE_URL", "sqlite+aiosqlite:////no/such/folder/orders.db")
    monkeypatch.setenv("DATABASE_URL_MIGRATIONS", f"sqlite+aiosqlite:///{path}")
    return path


def schema_of(path: Path) -> Schema:
    """Every table, as far as SQLite tells, without the version table."""
    engine = create_engine(f"sqlite:///{path}")
    inspector = inspect(engine)
    found = {
        name: {
            "columns": [str(column) for column in inspector.get_columns(name)],
            "keys": [str(inspector.get_pk_constraint(name))],
            "foreign keys": sorted(map(str, inspector.get_foreign_keys(name))),
            "unique": sorted(map(str, inspector.get_unique_constraints(name))),
            "checks": sorted(map(str, inspector.get_check_constraints(name))),
            "indexes": sorted(
                f"{index['name']} {index['column_names']} {index['unique']} "
                f"{index.get('dialect_options', {}).get('sqlite_where')}"
                for index in inspector.get_indexes(name)
            ),
        }
        for name in inspector.get_table_names()
        if name != "alembic_version"
    }
    engine.dispose()
    return found


def triggers_of(path: Path) -> list[tuple[str, str]]:
    connection = sqlite3.connect(path)
    found = connection.execute("SELECT name, tbl_name FROM sqlite_master WHERE type = 'trigger'")
    rows = [(str(name), str(table)) for name, table in found]
    connection.close()
    return rows


def test_there_is_one_head_and_no_gap(config: Config) -> None:
    scripts = ScriptDirectory.from_config(config)
    revisions = [script.revision for script in scripts.walk_revisions()]
    assert len(scripts.get_heads()) == 1
    assert revisions == [f"{number:04d}" for number in range(len(revisions), 0, -1)]


def test_the_history_leads_to_the_models(config: Config, path: Path, tmp_path: Path) -> None:
    command.upgrade(config, "head")
    command.check(config)
    from_models = tmp_path / "models.db"
    engine = create_engine(f"sqlite:///{from_models}")
    Base.metadata.create_all(engine)
    engine.dispose()
    assert schema_of(path) == schema_of(from_models)
    assert triggers_of(path) == triggers_of(from_models)


def test_every_step_leads_back(config: Config, path: Path) -> None:
    scripts = ScriptDirectory.from_config(config)
    schemas: list[Schema] = []
    for script in reversed(list(scripts.walk_revisions())):
        schemas.append(schema_of(path) if path.exists() else {})
        command.upgrade(config, script.revision)
    for schema in reversed(schemas):
        command.downgrade(config, "-1")
        assert schema_of(path) == schema
    assert triggers_of(path) == []


def test_rows_from_before_survive(config: Config, path: Path) -> None:
    command.upgrade(config, "0008")
    connection = sqlite3.connect(path)
    connection.executescript("""
        INSERT INTO customers (id, email, name) VALUES (1, 'ada@example.com', 'Ada');
        INSERT INTO orders (id, customer_id, total_cents) VALUES (41, 1, 900), (42, 1, 100);
        INSERT INTO order_lines (order_id, position, sku, quantity, unit_price_cents)
            VALUES (41, 1, 'A-1', 9, 100), (42, 1, 'A-1', 1, 100);
    """)
    command.upgrade(config, "head")
    read = "SELECT id, status, total_cents, reference FROM orders ORDER BY id"
    assert connection.execute(read).fetchall() == [
        (41, "PENDING", 900, "ORD-41"),
        (42, "PENDING", 100, "ORD-42"),
    ]
    command.downgrade(config, "0008")
    assert connection.execute("SELECT count(*) FROM order_lines").fetchone() == (2,)
    assert connection.execute("SELECT count(reference) FROM orders").fetchone() == (0,)
    connection.close()


@pytest.mark.parametrize("url", ["sqlite+aiosqlite://", "postgresql+asyncpg://localhost/orders"])
def test_the_sql_can_be_written_for_review(
    config: Config, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str], url: str
) -> None:
    monkeypatch.setenv("DATABASE_URL_MIGRATIONS", url)
    if url.startswith("postgresql"):
        command.upgrade(config, "head", sql=True)
        written = capsys.readouterr().out
        assert "CREATE UNIQUE INDEX CONCURRENTLY uq_orders_reference" in written
        assert "VALIDATE CONSTRAINT ck_customers_spend_limit_cents" in written
        assert "SET lock_timeout = '5s'" in written
    else:
        command.upgrade(config, "0004", sql=True)
        assert "CONCURRENTLY" not in capsys.readouterr().out
