"""Every step tells in words what it was done to."""

import re

import pytest
from django.apps import apps
from django.contrib.auth.models import Group
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.urls import reverse
from django.utils import translation

from portal.audit import services as audit
from portal.audit.models import AuditEntry
from portal.imports.models import ImportBatch
from portal.oversight.records import RECORDS, record_word, targets_told
from tests.factories.org import StaffFactory
from tests.factories.residents import DwellingFactory, PersonFactory

OURS = ("portal", "residents", "privacy", "rentals", "employers", "familyplanning", "education", "casework")
HISTORY = "pgh_obj"
"""Rows of the history are written by the database; no step is ever recorded for one of them."""


def own_models() -> list[type]:
    found = apps.get_models(include_auto_created=True)
    ours = [model for model in found if model.__module__.split(".")[0] in OURS]
    return [model for model in ours if HISTORY not in {field.name for field in model._meta.fields}]


def test_every_model_has_a_word_for_the_log_of_steps():
    labels = {model._meta.label_lower for model in own_models()} | {"auth.group", "mfa.authenticator"}
    assert {"imports.importbatch", "residents.person", "privacy.consent", "org.areachange"} <= labels
    assert labels - set(RECORDS) == set()
    assert {label for label in RECORDS if not _exists(label)} == set()


def _exists(label: str) -> bool:
    try:
        apps.get_model(label)
    except LookupError:
        return False
    return True


def test_every_word_is_chinese_for_chinese_readers():
    with translation.override("zh-hans"):
        told = {label: record_word(label) for label in RECORDS}
    assert [label for label, word in told.items() if not re.search("[\u4e00-\u9fff]", word)] == []
    assert [word for word in told.values() if re.search("[A-Za-z]", word)] == []


@pytest.mark.django_db
def test_a_record_is_told_by_its_name_or_number_and_a_person_by_nothing_else_than_the_number():
    clerk = StaffFactory.create(username="wang", display_name="王芳")
    person, door = PersonFactory.create(name="欧阳小红"), DwellingFactory.create()
    group = Group.objects.create(name="居住证审核组")
    batch = ImportBatch.objects.create(owner=clerk, kind="registrations", sha256="0" * 64, size=1)
    entries = [
        audit.record(actor=clerk, action="import.undone", target=batch, number=batch.number),
        audit.record(actor=clerk, action="import.undone", target=batch),
        audit.record(actor=clerk, action="person.opened", target=person),
        audit.record(actor=clerk, action="dwelling.added", target=door),
        audit.record(actor=clerk, action="group_created", target=group),
        audit.record(actor=clerk, action="account_changed", target=clerk),
    ]
    with translation.override("zh-hans"):
        told = targets_told(entries)
    short = batch.pk.hex[:6].upper()
    assert [told[entry.pk] for entry in entries] == [
        f"批量导入 {batch.number}",
        f"批量导入 #{short}",
        f"人员档案 #{person.pk}",
        f"居住处所 #{door.pk}",
        "用户组 居住证审核组",
        "账号 王芳（wang）",
    ]


@pytest.mark.django_db
def test_a_record_that_is_gone_keeps_word_and_number_and_an_unknown_kind_says_so():
    clerk = StaffFactory.create()
    entries = [
        AuditEntry.objects.create(actor=clerk, action="x", target_model=model, target_id=key)
        for model, key in (("auth.group", "987654"), ("org.user", "nobody"), ("harvest.field", "3"))
    ]
    with translation.override("zh-hans"):
        told = targets_told(entries)
    assert [told[entry.pk] for entry in entries] == ["用户组 #987654", "账号 #NOBODY", "其他记录 #3"]


@pytest.mark.django_db
def test_the_list_of_steps_shows_words_and_asks_as_often_for_forty_rows_as_for_one(client, auditor):
    clerk = StaffFactory.create()
    client.force_login(auditor)
    page = (reverse("oversight:entries"), {"q": clerk.username})
    counts = []
    for rows in (1, 39):
        for _number in range(rows):
            group = Group.objects.create(name=f"组{Group.objects.count()}")
            audit.record(actor=clerk, action="group_created", target=group)
            audit.record(actor=clerk, action="person.opened", target=PersonFactory.create())
        client.get(*page)  # what a process loads once
        with CaptureQueriesContext(connection) as queries:
            text = client.get(*page).content.decode()
        counts.append(len(queries))
    assert counts[0] == counts[1]
    assert "用户组 组" in text
    assert "residents.person" not in text
    assert "auth.group" not in text


@pytest.mark.django_db
def test_the_sheet_of_a_person_tells_the_records_in_words(client, auditor):
    person = PersonFactory.create()
    audit.record(actor=StaffFactory.create(), action="person.opened", target=person)
    client.force_login(auditor)
    text = client.get(reverse("oversight:person", args=[person.pk])).content.decode()
    assert f"人员档案 #{person.pk}" in text
    assert "residents.person" not in text
