import pytest
from django.apps import apps
from django.core.exceptions import FieldError, ValidationError
from django.core.management import call_command
from django.db import connection, models
from django.db.migrations.writer import MigrationWriter
from django.test.utils import isolate_apps

from portal.vault import keyring, rotation
from portal.vault.cipher import DecryptionError, encrypt_raw, version_of
from portal.vault.fields import EncryptedJSONField, EncryptedTextField
from residents.models import Person
from tests.factories.residents import PersonFactory

pytestmark = pytest.mark.django_db
NUMBER = "330822199001011234"
with isolate_apps("portal.vault"):

    class Safe(models.Model):
        number = EncryptedTextField(max_length=18, blank=True, default="")
        phone = EncryptedTextField(null=True)
        answers = EncryptedJSONField(null=True)

        class Meta:
            app_label = "vault"
            db_table = "vault_test_safe"

        def __str__(self):
            return str(self.pk)


safes = Safe._default_manager


@pytest.fixture
def table(db):
    with connection.schema_editor() as editor:
        editor.create_model(Safe)


@pytest.fixture(params=["AES-256-GCM", "SM4-GCM"])
def suite(request, settings):
    settings.VAULT_SUITE = request.param
    return request.param


@pytest.fixture
def key_file(tmp_path, settings):
    path = tmp_path / "vault.key"
    settings.VAULT_KEY_FILE = str(path)
    keyring.generate(path)
    return path


def raw(column, pk):
    with connection.cursor() as cursor:
        cursor.execute(f"SELECT {column} FROM vault_test_safe WHERE id = %s", [pk])
        value = cursor.fetchone()[0]
    return None if value is None else bytes(value)


def test_the_column_is_bytea_and_holds_no_clear_text(table, suite):
    safe = safes.create(number=NUMBER, phone="13800001111", answers={"校": ["甲", 1, None]})
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT data_type FROM information_schema.columns"
            " WHERE table_name = 'vault_test_safe' AND column_name <> 'id'"
        )
        assert {row[0] for row in cursor.fetchall()} == {"bytea"}
    for column in ("number", "phone", "answers"):
        stored = raw(column, safe.pk)
        assert b"3308" not in stored
        assert "甲".encode() not in stored
    fresh = safes.get()
    assert (fresh.number, fresh.phone, fresh.answers) == (NUMBER, "13800001111", {"校": ["甲", 1, None]})


def test_values_list_bulk_create_bulk_update_and_update_see_clear_text(table, suite):
    rows = safes.bulk_create([Safe(number=f"{index:018}") for index in range(3)])
    assert list(safes.order_by("pk").values_list("number", flat=True)) == [f"{index:018}" for index in range(3)]
    rows[1].number = "changed"
    safes.bulk_update(rows, ["number"])
    safes.filter(pk=rows[2].pk).update(number="also", answers=[1])
    assert [row["number"] for row in safes.order_by("pk").values("number")] == ["0" * 18, "changed", "also"]
    assert safes.get(pk=rows[2].pk).answers == [1]


def test_empty_stays_empty_and_none_stays_null(table):
    safe = safes.create()
    assert (raw("number", safe.pk), raw("phone", safe.pk), raw("answers", safe.pk)) == (b"", None, None)
    fresh = safes.get(phone__isnull=True)
    assert (fresh.number, fresh.phone, fresh.answers) == ("", None, None)


def test_a_value_copied_into_another_column_is_an_error(table, suite):
    safe = safes.create(number=NUMBER)
    with connection.cursor() as cursor:
        cursor.execute("UPDATE vault_test_safe SET phone = number")
    with pytest.raises(DecryptionError, match=r"vault_test_safe\.phone"):
        safes.get(pk=safe.pk)


@pytest.mark.parametrize("lookup", ["number", "number__contains", "number__startswith", "number__in"])
def test_searching_the_ciphertext_is_refused_with_the_way_out(lookup):
    with pytest.raises(FieldError, match="blind index"):
        safes.filter(**{lookup: NUMBER})


def test_max_length_counts_clear_characters():
    with pytest.raises(ValidationError):
        Safe(number="1" * 19).full_clean(exclude=["phone", "answers"])
    Safe(number="一" * 18).full_clean(exclude=["phone", "answers"])


def test_migrations_can_write_the_fields():
    text, _imports = MigrationWriter.serialize(EncryptedTextField(max_length=18, aad="old_table.number"))
    assert text == "portal.vault.fields.EncryptedTextField(aad='old_table.number', max_length=18)"
    field = EncryptedJSONField(null=True)
    _name, path, args, kwargs = field.deconstruct()
    assert (path, args, kwargs) == ("portal.vault.fields.EncryptedJSONField", [], {"null": True})


@isolate_apps("portal.vault")
def test_a_history_table_reads_with_the_binding_of_the_tracked_table():
    class SafeEvent(models.Model):
        pgh_tracked_model = Safe
        number = EncryptedTextField()

        class Meta:
            app_label = "vault"
            db_table = "vault_test_safeevent"

        def __str__(self):
            return str(self.pk)

    assert SafeEvent._meta.get_field("number").aad == "vault_test_safe.number"
    stored = encrypt_raw(NUMBER, "vault_test_safe.number")
    assert SafeEvent._meta.get_field("number").from_db_value(stored, None, connection) == NUMBER


def test_a_form_shows_a_text_input():
    field = Safe._meta.get_field("number").formfield()
    assert field.max_length == 18
    assert field.clean(NUMBER) == NUMBER


def test_rotation_re_encrypts_everything_in_batches_and_a_second_run_does_nothing(table, key_file):
    safes.bulk_create([Safe(number=f"{index:018}") for index in range(7)] + [Safe(number="", phone=None)])
    keyring.add_version(key_file, "SM4-GCM")
    keyring.reload()
    column = rotation.Column("vault_test_safe", "id", "number", "vault_test_safe.number")
    seen: list[int] = []
    assert rotation.rotate(column, batch=3, progress=seen.append) == 7
    assert seen == [3, 6, 7]
    assert rotation.rotate(column, batch=3) == 0
    assert {version_of(raw("number", row.pk)) for row in safes.all()} == {3, 0}
    assert [row.number for row in safes.order_by("pk")] == [f"{index:018}" for index in range(7)] + [""]


def test_rotation_stopped_half_way_goes_on_where_it_stopped(table, key_file, monkeypatch):
    safes.bulk_create([Safe(number=f"{index:018}") for index in range(6)])
    keyring.add_version(key_file, "AES-256-GCM")
    keyring.reload()
    column = rotation.Column("vault_test_safe", "id", "number", "vault_test_safe.number")

    def stop(done):
        raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        rotation.rotate(column, batch=4, progress=stop)
    assert sorted(version_of(raw("number", row.pk)) for row in safes.all()) == [1, 1, 3, 3, 3, 3]
    assert [row.number for row in safes.order_by("pk")] == [f"{index:018}" for index in range(6)]
    assert rotation.rotate(column, batch=4) == 2


def test_rotation_of_a_person_rewrites_the_history_too_and_adds_no_row_to_it(key_file):
    person = PersonFactory.create(phone="13800001111")
    history = apps.get_model("residents", "PersonEvent")._default_manager.filter(pgh_obj=person)
    kept = history.count()
    keyring.add_version(key_file, "SM4-GCM")
    keyring.reload()
    call_command("vault_rotate")
    assert history.count() == kept >= 1
    assert history.latest("pgh_id").phone == Person.objects.get(pk=person.pk).phone == "13800001111"
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT get_byte(phone, 0) FROM residents_person UNION SELECT get_byte(phone, 0) FROM residents_personevent"
        )
        assert cursor.fetchall() == [(3,)]


def test_the_command_covers_every_encrypted_column_of_the_product(capsys):
    call_command("vault_rotate")
    printed = capsys.readouterr().out
    columns = list(rotation.encrypted_columns())
    assert [f"{column.table}.{column.column}: " for column in columns] == [
        line.split(": ")[0] + ": " for line in printed.splitlines()[1:]
    ]
    assert all(column.aad.endswith(f".{column.column}") for column in columns)
