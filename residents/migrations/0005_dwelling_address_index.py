from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [("residents", "0004_old_permits")]

    operations = [
        migrations.AddIndex(
            model_name="dwelling",
            index=models.Index(fields=["county_code", "address"], name="dwelling_county_address"),
        ),
    ]
