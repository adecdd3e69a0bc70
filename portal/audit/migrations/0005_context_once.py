"""Gives databases that are there already the quicker function of `sql/context.sql`."""

from pathlib import Path

from django.db import migrations

SQL = Path(__file__).parent / "sql"


class Migration(migrations.Migration):
    dependencies = [("audit", "0004_three_administrators")]
    operations = [migrations.RunSQL((SQL / "context.sql").read_text(encoding="utf-8"), migrations.RunSQL.noop)]
