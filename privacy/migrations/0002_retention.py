from pathlib import Path

from django.db import migrations

FUNCTIONS = Path(__file__).resolve().parents[1] / "sql" / "retention.sql"


class Migration(migrations.Migration):
    """The functions replace themselves: after a change of the file a later migration runs it again."""

    dependencies = [
        ("privacy", "0001_initial"),
        ("policy", "0001_initial"),
        ("residents", "0006_correction_and_restriction"),
    ]
    operations = [
        migrations.RunSQL(
            FUNCTIONS.read_text(encoding="utf-8"),
            reverse_sql="DROP FUNCTION privacy_forget, privacy_files, privacy_due, privacy_kept_until, privacy_term",
        ),
    ]
