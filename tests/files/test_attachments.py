"""Photos and scans (security design §5.6, ASVS C17–C19): looked at, drawn anew, encrypted, given out on the record."""

import hashlib
import io
import os
import stat
import sys
import zlib

import pytest
from django.core.exceptions import PermissionDenied
from django.urls import reverse
from PIL import Image

from portal.audit.models import AccessEvent, AuditEntry
from portal.core import clock
from portal.files import services, store
from portal.files.errors import UploadRefused
from portal.files.gate import FileType
from portal.files.models import Attachment
from portal.files.pictures import read_evidence
from portal.org.scoping import forget_grants
from portal.org.services import grant_to_user
from residents.models import PermitApplication
from tests.factories.files import photo, scan_of, upload
from tests.factories.org import AreaFactory
from tests.factories.permits import ApplicationFactory
from tests.files.books import picture

pytestmark = pytest.mark.django_db

PDF = b"%PDF-1.4\n1 0 obj<</Type/Catalog>>endobj\ntrailer<</Root 1 0 R>>\n%%EOF\n"
EICAR = rb"X5O!P%@AP[4\PZX54(P^)7CC)7}" + b"$EICAR-STANDARD-ANTIVIRUS-TEST-FILE!$H+H*"


@pytest.fixture(autouse=True)
def media(settings, tmp_path):
    settings.MEDIA_ROOT = tmp_path


@pytest.fixture
def file():
    return ApplicationFactory.create()


@pytest.fixture
def clerk(staff, file):
    user = staff(Attachment, "view", "add", "remove", at=file.area_code, role="station")
    grant_to_user(user, PermitApplication, ["view"], at=AreaFactory.create(code=file.area_code))
    forget_grants(user)
    return user


def attach(file, clerk, content, **changes):
    given = {"kind": "lease", "area_code": file.area_code, "person_id": file.person_id, "size": len(content), **changes}
    return services.attach(target=file, source=io.BytesIO(content), actor=clerk, **given)


def refused(content: bytes) -> str:
    with pytest.raises(UploadRefused) as told:
        read_evidence(io.BytesIO(content) if not content else _file(content))
    return told.value.code


def _file(content: bytes):
    file = os.fdopen(os.memfd_create("test"), "w+b")
    file.write(content)
    file.flush()
    return file


def test_C18_a_picture_is_drawn_anew_without_place_and_camera():
    exif = Image.Exif()
    exif[0x010F], exif[0x8825] = "CAMERA-SERIAL", {1: "N", 2: (29.0, 6.0, 1.0)}
    sent = picture(exif=exif.tobytes()) + b"<?php hidden behind the picture"
    evidence = read_evidence(_file(sent))
    assert evidence.content_type == FileType.JPEG
    assert (evidence.width, evidence.height) == (40, 30)
    assert not Image.open(io.BytesIO(evidence.content)).getexif()
    assert b"CAMERA" in sent
    assert b"CAMERA" not in evidence.content
    assert b"php" not in evidence.content


def test_a_photo_taken_sideways_stands_upright_and_is_not_larger_than_a_screen_needs():
    exif = Image.Exif()
    exif[0x0112] = 6
    evidence = read_evidence(_file(picture(size=(4_800, 2_400), exif=exif.tobytes())))
    assert (evidence.width, evidence.height) == (1_200, 2_400)


@pytest.mark.parametrize(
    ("kind", "mode"), [("PNG", "RGBA"), ("PNG", "P"), ("PNG", "L"), ("WEBP", "RGB"), ("JPEG", "CMYK")]
)
def test_pictures_of_every_accepted_kind_become_jpeg(kind, mode):
    assert read_evidence(_file(picture(kind, mode=mode))).content.startswith(b"\xff\xd8\xff")


def test_C18_25_million_pixels_are_enough():
    assert refused(picture("PNG", (5_001, 5_000))) == "too_many_pixels"


@pytest.mark.parametrize(
    "content",
    [
        b"<svg xmlns='http://www.w3.org/2000/svg'/>",
        b"<html><script>",
        b"GIF89a",
        b"MZ",
        b"PK\x03\x04",
        b"BM\0\0",
        b"II*\0",
    ],
)
def test_C19_what_could_act_in_a_browser_or_is_no_picture_is_refused_whatever_its_name(content):
    assert refused(content) == "not_a_picture"


def test_a_broken_picture_gets_its_own_sentence():
    assert refused(photo()[:200]) == "broken_picture"
    assert refused(b"\xff\xd8\xff" + b"x" * 500) in {"not_a_picture", "broken_picture"}


@pytest.mark.parametrize(
    "inside",
    [
        b"<</OpenAction 2 0 R>>",
        b"<</S/JavaScript/JS(app.alert(1))>>",
        b"<</S/J#61vaScript>>",
        b"<<>>stream\n" + zlib.compress(b"<</S/Launch>>") + b"\nendstream",
        b"<</Type/EmbeddedFile>>",
    ],
)
def test_a_pdf_that_holds_programs_is_refused(inside):
    assert refused(PDF.replace(b"/Catalog", b"/Catalog" + inside)) == "broken_pdf"


def test_a_plain_pdf_is_taken_and_a_cut_one_is_not():
    assert read_evidence(_file(PDF)).content_type == FileType.PDF
    assert refused(PDF[:30]) == "broken_pdf"


def test_a_scan_lies_encrypted_under_its_number_and_comes_back_whole(file, clerk, tmp_path):
    row = attach(file, clerk, PDF)
    path = store.path_of(row)
    assert path == tmp_path / "files" / str(row.pk)[:2] / str(row.pk)
    assert b"Catalog" not in path.read_bytes()
    assert stat.S_IMODE(path.stat().st_mode) == 0o600
    assert b"".join(services.content_of(row, actor=clerk)) == PDF
    assert row.sha256 == hashlib.sha256(PDF).hexdigest()
    assert AuditEntry.objects.get(action="files.attached").target_id == str(row.pk)


def test_every_look_at_a_scan_is_written_down_before_it_is_sent(file, clerk):
    services.content_of(attach(file, clerk, PDF), actor=clerk)
    look = AccessEvent.objects.get(action="open")
    assert (look.person_ids, look.fields, look.purpose) == ([file.person_id], ["attachment"], "attachment lease")


def test_nobody_attaches_outside_their_areas(file, clerk):
    with pytest.raises(PermissionDenied):
        attach(file, clerk, PDF, area_code="330203001001")
    assert not Attachment.objects.exists()


def test_C17_a_person_may_upload_so_much_in_a_day_and_again_tomorrow(file, clerk, monkeypatch, at):
    monkeypatch.setattr("portal.files.limits.quota_files", lambda: 2)
    at("2026-11-20 09:00")
    attach(file, clerk, PDF)
    attach(file, clerk, PDF)
    with pytest.raises(UploadRefused) as told:
        attach(file, clerk, PDF)
    assert told.value.code == "quota"
    at("2026-11-21 09:01")
    attach(file, clerk, PDF)


def test_C17_the_quota_counts_bytes_as_well(file, clerk, monkeypatch):
    monkeypatch.setattr("portal.files.limits.quota_bytes", lambda: len(PDF) + 1)
    attach(file, clerk, PDF)
    with pytest.raises(UploadRefused) as told:
        attach(file, clerk, PDF)
    assert told.value.code == "quota"


def test_C19_the_scanners_test_file_is_refused(file, clerk):
    with pytest.raises(UploadRefused) as told:
        attach(file, clerk, PDF.replace(b"%%EOF", EICAR + b"\n%%EOF"))
    assert told.value.code == "virus"
    assert not Attachment.objects.exists()


@pytest.mark.parametrize(
    ("command", "code"),
    [
        (f"{sys.executable} -c 'raise SystemExit(1)'", "virus"),
        (f"{sys.executable} -c 'raise SystemExit(2)'", "unscanned"),
        ("/no/such/scanner", "unscanned"),
        ("'", "unscanned"),
    ],
)
def test_D18_once_a_scanner_is_configured_nothing_is_taken_without_its_word(file, clerk, settings, command, code):
    settings.FILES_SCAN_COMMAND = command
    with pytest.raises(UploadRefused) as told:
        attach(file, clerk, PDF)
    assert told.value.code == code


def test_the_scanner_gets_the_whole_file(file, clerk, settings, tmp_path):
    copy = tmp_path / "seen"
    settings.FILES_SCAN_COMMAND = f"{sys.executable} -c 'import shutil, sys; shutil.copy(sys.argv[1], \"{copy}\")'"
    attach(file, clerk, PDF)
    assert copy.read_bytes() == PDF


def test_a_removed_scan_loses_its_file_and_keeps_its_row(file, clerk, django_capture_on_commit_callbacks):
    row = attach(file, clerk, PDF)
    with django_capture_on_commit_callbacks(execute=True):
        services.remove(attachment_id=row.pk, actor=clerk)
    row.refresh_from_db()
    assert (row.removed_by, store.path_of(row).exists()) == (clerk, False)
    assert services.attachments_of(file, viewer=clerk) == []


def test_files_without_a_row_are_swept_after_a_day_and_never_when_no_row_can_be_seen(file, clerk):
    kept, lost = scan_of(file), scan_of(file)
    yesterday = clock.now().timestamp() - 90_000
    for row in (kept, lost):
        os.utime(store.path_of(row), (yesterday, yesterday))
    Attachment.objects.filter(pk=lost.pk).delete()
    assert services.sweep() == 1
    assert store.path_of(kept).exists()
    Attachment.objects.all().delete()
    assert services.sweep() == 0


def test_C19_a_scan_is_sent_as_a_download_that_no_cache_keeps(client, file, clerk):
    row = scan_of(file)
    client.force_login(clerk)
    answer = client.get(reverse("files:download", args=[row.pk]))
    assert b"".join(answer.streaming_content) == b"\xff\xd8\xff scan"
    assert answer["Content-Disposition"] == f'attachment; filename="{row.pk}.jpg"'
    assert (answer["X-Content-Type-Options"], answer["Cache-Control"]) == ("nosniff", "no-store")
    assert (answer["Content-Type"], answer["Content-Length"]) == ("image/jpeg", "8")


def test_C13_another_site_cannot_start_the_download(client, file, clerk):
    client.force_login(clerk)
    link = {"Sec-Fetch-Site": "cross-site", "Sec-Fetch-Mode": "navigate", "Sec-Fetch-Dest": "document"}
    assert client.get(reverse("files:download", args=[scan_of(file).pk]), headers=link).status_code == 403


def test_a_scan_whose_file_is_gone_is_not_found(client, file, clerk):
    row = scan_of(file)
    store.delete(row)
    client.force_login(clerk)
    assert client.get(reverse("files:download", args=[row.pk])).status_code == 404


def test_the_window_stores_a_photo_and_shows_it_in_the_card(client, file, clerk):
    client.force_login(clerk)
    url = reverse("residents:evidence_add", args=[file.pk])
    answer = client.post(url, {"kind": "lease", "file": upload()}, headers={"HX-Request": "true"})
    row = Attachment.objects.get()
    assert answer.status_code == 200
    assert reverse("files:download", args=[row.pk]) in answer.content.decode()
    assert (row.kind, row.content_type, row.target_id, row.uploader) == ("lease", "image/jpeg", file.pk, clerk)
    assert "330822199001011234" not in answer.content.decode()


def test_a_refused_file_comes_back_with_the_sentence_beside_the_field(client, file, clerk):
    client.force_login(clerk)
    url = reverse("residents:evidence_add", args=[file.pk])
    answer = client.post(url, {"kind": "lease", "file": upload(b"<svg/>")}, headers={"HX-Request": "true"})
    assert answer.status_code == 422
    assert "只能上传 JPEG、PNG、WebP 格式的照片、扫描件或 PDF，请另选文件。" in answer.content.decode()
    assert client.post(url, {"kind": "lease", "file": upload(b"<svg/>")}).status_code == 302
    assert not Attachment.objects.exists()


def test_a_file_that_is_too_large_is_counted_and_not_kept(client, file, clerk):
    client.force_login(clerk)
    url = reverse("residents:evidence_add", args=[file.pk])
    large = upload(bytes((10 << 20) + 1))
    answer = client.post(url, {"kind": "lease", "file": large}, headers={"HX-Request": "true"})
    assert answer.status_code == 422
    assert "文件超过 10 MB" in answer.content.decode()


def test_those_who_only_read_files_see_no_scans(client, file, staff):
    scan_of(file)
    client.force_login(staff(PermitApplication, "view", at=file.area_code, role="clerk"))
    assert 'id="evidence"' not in client.get(reverse("residents:application_detail", args=[file.pk])).content.decode()


@pytest.mark.parametrize("count", [1, 40])
def test_the_card_asks_the_database_as_often_for_one_scan_as_for_forty(
    client, file, clerk, count, django_assert_max_num_queries
):
    for _number in range(count):
        scan_of(file, uploader=clerk)
    rows = services.attachments_of(file, viewer=clerk)
    with django_assert_max_num_queries(1):
        again = services.attachments_of(file, viewer=clerk)
        assert [str(row.uploader) for row in again] == [str(row.uploader) for row in rows]
