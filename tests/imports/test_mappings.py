"""Mapping files by the page: checked, used without a restart, switched off without harm."""

import pytest
from django.core.exceptions import PermissionDenied
from django.core.files.uploadedfile import SimpleUploadedFile
from django.urls import reverse
from django.utils import translation

from portal.audit.models import AuditEntry
from portal.audit.three_admins import appoint
from portal.core import clock
from portal.core.errors import DomainError
from portal.imports.kinds import kind_of, kinds_for
from portal.imports.models import BatchState
from portal.org.models import AreaUserGrant, User
from portal.org.walls.context import scoped_transaction
from residents.imports import kept
from residents.models import MappingFile, Registration
from tests.conftest import LONG_AGO
from tests.factories.org import AreaFactory, StaffFactory
from tests.imports import books

pytestmark = pytest.mark.django_db
GOOD = """
code = "hz-police"
title = "杭州公安导出"
[columns]
name = ["XM"]
document_number = ["GMSFHM"]
address = ["ZZDZ"]
arrived_on = ["ZZRQ"]
lodging = ["ZZCS"]
reason = ["ZZSY"]
[words.lodging]
"11" = "05"
[words.reason]
"B" = "03"
[fixed]
channel = "share"
"""


@pytest.fixture
def admin() -> User:
    """The county's system administrator, appointed as the product does it."""
    AreaFactory.create(code="330822")
    user = StaffFactory.create(role="administration", area_code="330822", username="sysadmin")
    appoint(user=user, kind="sysadmin", actor=None)
    AreaUserGrant.objects.filter(user=user).update(valid_from=LONG_AGO)
    return User.objects.get(pk=user.pk)


def taken(text: str | bytes, user: User) -> MappingFile:
    content = text.encode() if isinstance(text, str) else text
    with scoped_transaction(user):
        return kept.keep(content=content, actor=user)


def sentence(text: str | bytes, user: User) -> str:
    with translation.override("zh-hans"), pytest.raises(DomainError) as caught:
        taken(text, user)
    assert caught.value.field == "file"
    assert not MappingFile.objects.exists()
    return str(caught.value.message)


@pytest.mark.parametrize(
    ("change", "told"),
    [
        (('name = ["XM"]', "name = [XM]"), "第 5 行无法读取，请检查该行的引号、括号和等号。"),
        (('"hz-police"', '"HZ police"'), "请填写 code："),
        (('title = "杭州公安导出"', ""), "请填写 title，"),
        (('title = "杭州公安导出"', f'title = "{"名" * 61}"'), "“title”应为不超过 60 个字的文本。"),
        (("[fixed]", "[always]"), "无法识别“always”。"),
        (('name = ["XM"]', 'nmae = ["XM"]'), "[columns]：本平台没有“nmae”这一列。"),
        (('name = ["XM"]', 'name = "XM"'), "[columns]：“name”的表头应写成文本列表"),
        (('name = ["XM"]', 'name = ["XM", "ZZRQ"]'), "[columns]：表头“ZZRQ”同时对应“name”和“arrived_on”"),
        (('"11" = "05"', '"11" = "77"'), "[words.lodging]：“11”对应的“77”不在本平台的代码表中"),
        (('"11" = "05"', '"11" = ["05"]'), "[words.lodging]：“11”对应的"),
        (("[words.reason]", "[words.remark]"), "“remark”不是代码列，请删去 [words.remark]。"),
        (('channel = "share"', 'channel = "pigeon"'), "[fixed]：“channel”的代码表中没有“pigeon”"),
        (('channel = "share"', "channel = 3"), "[fixed]：“channel”的值应为加引号的文本。"),
        (('channel = "share"', 'name = "某人"'), "“name”在 [columns] 和 [fixed] 中都有"),
        (('"hz-police"', '"registrations"'), "code“registrations”已被产品自带的导入使用"),
        (('"hz-police"', '"police-lodgers"'), "code“police-lodgers”已被产品自带的导入使用"),
    ],
)
def test_what_is_wrong_is_told_in_a_sentence(admin, change, told):
    wrong, right = change
    assert wrong in GOOD
    assert told in sentence(GOOD.replace(wrong, right), admin)


@pytest.mark.parametrize(
    ("content", "told"),
    [
        (b"", "请填写 code："),
        (b"PK\x03\x04\xff\xfe", "文件不是 UTF-8 文本"),
        (b"x" * 70_000, "不超过 64 kB"),
        ('code = "hz"\ntitle = """名称'.encode(), "文件不完整"),
        (b'code = "hz"\ntitle = "t"', "请在 [columns] 下写明"),
        (b'code = "hz"\ntitle = "t"\ncolumns = "x"', "“columns”应单独成节"),
    ],
)
def test_what_is_no_mapping_file_is_told_as_well(admin, content, told):
    assert told in sentence(content, admin)


def test_only_the_system_administrator_of_the_county_puts_files_in(importer, admin):
    row = taken(GOOD, admin)
    with pytest.raises(PermissionDenied):
        taken(GOOD, importer)
    with pytest.raises(PermissionDenied), scoped_transaction(importer):
        kept.switch(mapping_id=row.pk, is_active=False, version=row.version, actor=importer)
    assert MappingFile.objects.get().is_active


def test_a_file_put_in_is_imported_with_at_once_and_switched_off_it_can_still_be_taken_back(
    importer, admin, person, door
):
    assert "hz-police" not in {kind.code for kind in kinds_for(importer)}
    row = taken(GOOD, admin)
    assert "hz-police" in {kind.code for kind in kinds_for(importer)}
    given = person()
    titles = ("XM", "GMSFHM", "ZZDZ", "ZZRQ", "ZZCS", "ZZSY")
    values = [given["name"], given["document_number"], door.address, clock.today().strftime("%Y%m%d"), "11", "B"]
    batch = books.applied(books.book([titles, values]), importer, "hz-police")
    stay = Registration.objects.get(dwelling=door)
    assert (batch.created, stay.lodging, stay.reason, stay.channel) == (1, "05", "03", "share")
    with scoped_transaction(admin):
        row = kept.switch(mapping_id=row.pk, is_active=False, version=row.version, actor=admin)
    assert "hz-police" not in {kind.code for kind in kinds_for(importer)}
    with pytest.raises(PermissionDenied):
        books.uploaded(books.book([titles, [*values[:-1], "C"]]), importer, "hz-police")
    assert books.undone(batch, importer).state == BatchState.UNDONE
    with scoped_transaction(admin):
        kept.switch(mapping_id=row.pk, is_active=True, version=row.version, actor=admin)
    assert kind_of("hz-police").is_offered
    steps = AuditEntry.objects.filter(target_model="residents.mappingfile").order_by("pk")
    assert list(steps.values_list("action", flat=True)) == [
        "mapping.added", "mapping.switched_off", "mapping.switched_on",
    ]  # fmt: skip


def test_a_newer_file_of_the_same_code_takes_the_place_of_the_older(admin):
    first = taken(GOOD, admin)
    second = taken(GOOD.replace("杭州公安导出", "杭州公安名册").replace('"XM"', '"XINGMING"'), admin)
    assert (second.pk, second.version, second.title) == (first.pk, 2, "杭州公安名册")
    assert "XINGMING" in kind_of("hz-police").column("name").synonyms
    assert AuditEntry.objects.filter(action="mapping.replaced").count() == 1


def test_the_page_takes_a_file_in_tells_what_is_wrong_beside_the_field_and_switches_it_off(client, admin):
    client.force_login(admin)
    page = reverse("residents:mappings")
    refused = client.post(page, {"file": SimpleUploadedFile("x.toml", b'code = "hz"\ntitle = "t"')}, secure=True)
    assert refused.status_code == 422
    assert "请在 [columns] 下写明" in str(refused.context["form"].errors["file"])
    answer = client.post(page, {"file": SimpleUploadedFile("x.toml", GOOD.encode())}, secure=True)
    row = MappingFile.objects.get()
    assert answer["Location"] == row.get_absolute_url()
    shown = client.get(row.get_absolute_url()).content.decode()
    assert "XM" in shown
    assert "05 租赁房屋" in shown
    client.post(reverse("residents:mapping_switch", args=[row.pk]), {"to": "off", "version": row.version}, secure=True)
    row.refresh_from_db()
    assert not row.is_active
    stale = {"to": "on", "version": row.version - 1}
    client.post(reverse("residents:mapping_switch", args=[row.pk]), stale, secure=True)
    row.refresh_from_db()
    assert not row.is_active
    listed = client.get(page).content.decode()
    assert "已停用" in listed
    assert "公安暂住人口导出" in listed
    example = client.get(reverse("residents:mapping_example"))
    assert b"police-lodgers" in example.content
