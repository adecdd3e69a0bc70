from pathlib import Path

from django.db import migrations

FUNCTIONS = Path(__file__).resolve().parents[1] / "sql" / "retention.sql"


class Migration(migrations.Migration):
    dependencies = [("rentals", "0002_lease_filings"), ("residents", "0006_correction_and_restriction")]
    operations = [
        migrations.RunSQL(
            FUNCTIONS.read_text(encoding="utf-8"), reverse_sql="DROP FUNCTION privacy_forgets_rentals"
        ),
    ]
