from pathlib import Path

import django.contrib.postgres.fields
import django.db.models.deletion
from django.db import migrations, models

import portal.core.clock

SQL = Path(__file__).parent / "sql"


def sql(name):
    return migrations.RunSQL((SQL / f"{name}.sql").read_text(encoding="utf-8"), migrations.RunSQL.noop)


STATE = [
    migrations.AddField(
        "accessevent",
        "actor_unit",
        models.ForeignKey(
            null=True, on_delete=django.db.models.deletion.PROTECT, related_name="+", to="org.department"
        ),
    ),
    migrations.AddField("accessevent", "case_number", models.CharField(blank=True, max_length=60)),
    migrations.AddField(
        "accessevent",
        "result",
        models.CharField(
            choices=[("shown", "shown"), ("nothing", "nothing found"), ("refused", "refused")],
            default="shown",
            max_length=8,
        ),
    ),
    migrations.AddField("accessevent", "session_hash", models.BinaryField(null=True)),
    migrations.AlterField(
        "accessevent",
        "action",
        models.CharField(
            choices=[
                ("list", "List"),
                ("open", "Open"),
                ("search", "Search"),
                ("reveal", "Reveal"),
                ("export", "Export"),
                ("print", "Print"),
                ("share", "Share"),
                ("verify", "Verify"),
            ],
            max_length=12,
        ),
    ),
    migrations.AddIndex("accessevent", models.Index(fields=["-at", "-id"], name="access_newest")),
    migrations.AddIndex(
        "accessevent",
        models.Index(
            condition=models.Q(("request_id", ""), _negated=True), fields=["request_id"], name="access_request"
        ),
    ),
]


class Migration(migrations.Migration):
    dependencies = [("audit", "0002_initial"), ("org", "0001_initial")]

    operations = [
        migrations.CreateModel(
            name="AuditCheck",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("at", models.DateTimeField(default=portal.core.clock.now)),
                ("rows", models.PositiveBigIntegerField()),
                ("seals", models.PositiveBigIntegerField()),
                ("seconds", models.FloatField()),
                ("head", models.CharField(max_length=128)),
                ("problems", models.JSONField(default=list)),
            ],
            options={"ordering": ["-at"]},
        ),
        migrations.CreateModel(
            name="AuditSeal",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("number", models.PositiveBigIntegerField()),
                ("source", models.CharField(max_length=40)),
                ("layout", models.PositiveSmallIntegerField(default=1)),
                ("first_id", models.BigIntegerField()),
                ("last_mark", models.BigIntegerField()),
                ("last_id", models.BigIntegerField()),
                ("count", models.PositiveIntegerField()),
                (
                    "ids",
                    django.contrib.postgres.fields.ArrayField(base_field=models.BigIntegerField(), size=None),
                ),
                ("leaves", models.BinaryField()),
                ("algorithm", models.CharField(max_length=8)),
                ("previous", models.BinaryField()),
                ("digest", models.BinaryField()),
                ("key_id", models.CharField(max_length=16)),
                ("signature", models.BinaryField()),
                ("sealed_at", models.DateTimeField(default=portal.core.clock.now)),
            ],
            options={
                "ordering": ["-number"],
                "indexes": [models.Index(fields=["source", "-number"], name="auditseal_source")],
                "constraints": [models.UniqueConstraint(fields=("number",), name="auditseal_number_once")],
            },
        ),
        migrations.AddIndex("auditentry", models.Index(fields=["-at", "-id"], name="audit_newest")),
        migrations.AddIndex(
            "auditentry",
            models.Index(
                condition=models.Q(("request_id", ""), _negated=True), fields=["request_id"], name="audit_request"
            ),
        ),
        # Foreign keys are checked at the end: a table with checks pending cannot be altered.
        migrations.RunSQL("SET CONSTRAINTS ALL IMMEDIATE", migrations.RunSQL.noop),
        sql("marks"),
        migrations.SeparateDatabaseAndState(database_operations=[sql("access")], state_operations=STATE),
        sql("entries"),
        migrations.RunSQL("SET CONSTRAINTS ALL DEFERRED", migrations.RunSQL.noop),
    ]
