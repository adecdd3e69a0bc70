from io import StringIO

import pytest
from django.apps import apps
from django.conf import settings
from django.core.management import call_command
from django.core.management.base import CommandError
from django.db import models
from django.test.utils import isolate_apps

from portal.core.classes import DataClass, c2, c4
from portal.vault import classes, inventory
from portal.vault.fields import EncryptedTextField
from residents.models import Dwelling, Person


def test_every_field_of_every_table_has_a_class_and_a_purpose():
    assert classes.problems() == []
    fields = [field for model in classes.stored_models() for field in model._meta.local_concrete_fields]
    assert len(fields) > 500
    assert all(classes.classify(field).purpose.strip() for field in fields)


@isolate_apps("residents")
def test_a_field_nobody_classified_is_named():
    class Stranger(models.Model):
        field_classes = (c2("tests", "known"),)
        known = models.CharField(max_length=5)
        unknown = models.CharField(max_length=5)

        class Meta:
            app_label = "residents"

        def __str__(self):
            return ""

    (sentence,) = classes._problems_of(Stranger)
    assert sentence.startswith("residents.Stranger.unknown has no data class: name it in `field_classes`")


@isolate_apps("residents")
def test_sensitive_data_in_the_clear_needs_a_reason():
    class Clear(models.Model):
        field_classes = (c4("tests", "naked", "hashed_wrongly"), c4("tests", "hashed", plain="a hash"), c4("x", "kept"))
        naked = models.CharField(max_length=5)
        hashed = models.CharField(max_length=5)
        kept = EncryptedTextField()

        class Meta:
            app_label = "residents"

        def __str__(self):
            return ""

    assert list(classes._problems_of(Clear)) == [
        "residents.Clear.naked is C4 and not encrypted: use an encrypted field, or say in `plain` why not.",
        "residents.Clear declares a data class for hashed_wrongly, which it does not have.",
    ]


def test_document_phone_and_ethnicity_are_sensitive_and_encrypted():
    for model, name in (
        (Person, "document_number"),
        (Person, "phone"),
        (Person, "ethnicity"),
        (Dwelling, "landlord_phone"),
    ):
        found = classes.classify(model._meta.get_field(name))
        assert (found.data_class, found.encrypted) == (DataClass.C4, True)


def test_history_keeps_the_class_of_what_it_tells():
    history = apps.get_model("residents", "PersonEvent")
    assert classes.class_of(history, "document_number") is DataClass.C4
    assert classes.class_of(history, "pgh_obj") is DataClass.C2


def test_the_inventory_in_the_documentation_is_the_one_of_the_code():
    call_command("data_inventory", "--check")
    out = StringIO()
    call_command("data_inventory", stdout=out)
    assert out.getvalue() == (settings.BASE_DIR / "docs" / "data-inventory.md").read_text(encoding="utf-8")


def test_an_inventory_that_is_out_of_date_is_refused(settings, tmp_path):
    settings.BASE_DIR = tmp_path
    (tmp_path / "docs").mkdir()
    (tmp_path / "docs" / "data-inventory.md").write_text(inventory.document() + "\n", encoding="utf-8")
    with pytest.raises(CommandError):
        call_command("data_inventory", "--check")
