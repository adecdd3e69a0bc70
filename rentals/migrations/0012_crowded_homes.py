from pathlib import Path

from django.db import migrations, models
from django.db.models import F, Q

HERE = Path(__file__).resolve().parents[1] / "sql"
SQL = (HERE / "crowded_homes.sql").read_text(encoding="utf-8")
UNDO = """DROP FUNCTION rentals_count_living() CASCADE; DROP FUNCTION rentals_count_limits() CASCADE;
DROP FUNCTION rentals_recount_limits(date); DROP FUNCTION rentals_note_living(bigint[], boolean);
DROP FUNCTION rentals_limits(bigint[], date);"""


class Migration(migrations.Migration):

    dependencies = [
        ('policy', '0005_history_found_by_its_row'),
        ('rentals', '0011_campaigns'),
    ]

    operations = [
        migrations.AddField(
            model_name='rentedhome',
            name='living',
            field=models.IntegerField(default=0, db_default=0),
        ),
        migrations.AddField(
            model_name='rentedhome',
            name='allowed',
            field=models.IntegerField(null=True),
        ),
        migrations.AddIndex(
            model_name='rentedhome',
            index=models.Index(condition=Q(living__gt=F('allowed')), fields=['area_code'], include=('dwelling',), name='rented_crowded'),
        ),
        migrations.RunSQL(SQL, reverse_sql=UNDO),
    ]
