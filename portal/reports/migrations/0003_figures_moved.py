import django.db.models.deletion
from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [
        ("org", "0004_area_changes"),
        ("reports", "0002_count_triggers"),
    ]

    operations = [
        migrations.CreateModel(
            name="AreaCountMoved",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("area_code", models.CharField(max_length=15)),
                ("before", models.CharField(max_length=15)),
                ("after", models.CharField(max_length=15)),
                ("fact", models.CharField(max_length=24)),
                ("part", models.CharField(blank=True, max_length=24)),
                ("day", models.DateField()),
                ("number", models.IntegerField()),
                (
                    "change",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.CASCADE, related_name="+", to="org.areachange"
                    ),
                ),
            ],
            options={
                "indexes": [models.Index(fields=["fact", "day"], name="area_moved_fact")],
            },
        ),
    ]
