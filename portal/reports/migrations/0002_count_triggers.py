from pathlib import Path

from django.db import migrations

SQL = (Path(__file__).parent / "sql" / "0002_count_triggers.sql").read_text(encoding="utf-8")
NAMES = ["registration", "registrationchange", "permit", "permitapplication", "person"]


class Migration(migrations.Migration):
    dependencies = [("reports", "0001_initial"), ("residents", "0001_initial")]
    operations = [
        migrations.RunSQL(
            SQL, reverse_sql="".join(f"DROP FUNCTION reports_count_{name}() CASCADE;" for name in NAMES)
        )
    ]
