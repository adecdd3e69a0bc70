from pathlib import Path

from django.db import migrations

FUNCTIONS = Path(__file__).resolve().parents[1] / "sql" / "retention.sql"


class Migration(migrations.Migration):
    """The functions of 0002 again, with the lists of files opened last."""

    dependencies = [
        ("privacy", "0004_transfers_are_forgotten_too"),
        ("residents", "0009_search_indexes"),
    ]
    operations = [migrations.RunSQL(FUNCTIONS.read_text(encoding="utf-8"), reverse_sql=migrations.RunSQL.noop)]
