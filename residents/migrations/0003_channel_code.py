from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [("residents", "0002_permit_numbers")]
    operations = [
        migrations.AlterField(
            model_name=name,
            name="channel",
            field=models.CharField(max_length=10, verbose_name="registered through"),
        )
        for name in ("registration", "registrationevent")
    ]
