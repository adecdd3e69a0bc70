from pathlib import Path

from django.db import migrations

FUNCTIONS = Path(__file__).resolve().parents[1] / "sql" / "retention.sql"


class Migration(migrations.Migration):
    """The functions of 0002 again, with transfers and the files that show somebody."""

    dependencies = [
        ("privacy", "0003_deletions_in_history"),
        ("residents", "0008_transfer_request"),
        ("files", "0001_attachments"),
    ]
    operations = [migrations.RunSQL(FUNCTIONS.read_text(encoding="utf-8"), reverse_sql=migrations.RunSQL.noop)]
