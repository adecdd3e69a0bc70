from pathlib import Path

from django.db import migrations

FUNCTIONS = Path(__file__).resolve().parents[1] / "sql" / "retention.sql"


class Migration(migrations.Migration):
    """With a person goes every file that was merged into it, and what would take the merge apart."""

    dependencies = [
        ("privacy", "0005_recent_looks_are_forgotten_too"),
        ("residents", "0015_households_of_companions"),
    ]
    operations = [migrations.RunSQL(FUNCTIONS.read_text(encoding="utf-8"), migrations.RunSQL.noop)]
