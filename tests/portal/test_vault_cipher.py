import base64
import json

import pytest
from django.core.exceptions import ImproperlyConfigured
from django.core.management import CommandError, call_command

from portal.vault import keyring
from portal.vault.blind import blind_index
from portal.vault.checks import key_file_is_usable
from portal.vault.cipher import DecryptionError, decrypt_raw, encrypt_raw, version_of
from portal.vault.masks import mask_id_number, mask_name, mask_phone

AAD = "residents_person.id_number"
NUMBER = "330822199001011234"


@pytest.fixture(params=["AES-256-GCM", "SM4-GCM"])
def suite(request, settings):
    settings.VAULT_SUITE = request.param
    return request.param


@pytest.fixture
def key_file(tmp_path, settings):
    path = tmp_path / "keys" / "vault.key"
    settings.VAULT_KEY_FILE = str(path)
    keyring.generate(path)
    return path


def test_a_value_comes_back_and_is_laid_out_as_version_nonce_text_tag(suite):
    sealed = encrypt_raw(NUMBER, AAD)
    assert decrypt_raw(sealed, AAD) == NUMBER
    assert decrypt_raw(memoryview(sealed), AAD) == NUMBER
    assert len(sealed) == 1 + 12 + 18 + 16
    assert version_of(sealed) == {"AES-256-GCM": 1, "SM4-GCM": 2}[suite]
    assert NUMBER.encode() not in sealed


def test_rare_characters_survive(suite):
    assert decrypt_raw(encrypt_raw("𬭚·吾买尔江", AAD), AAD) == "𬭚·吾买尔江"


def test_the_same_value_never_looks_the_same_twice(suite):
    assert encrypt_raw(NUMBER, AAD) != encrypt_raw(NUMBER, AAD)


def test_one_flipped_bit_anywhere_is_noticed(suite):
    sealed = encrypt_raw(NUMBER, AAD)
    for position in range(1, len(sealed)):
        damaged = bytearray(sealed)
        damaged[position] ^= 1
        with pytest.raises(DecryptionError):
            decrypt_raw(bytes(damaged), AAD)


@pytest.mark.parametrize("length", [1, 5, 13, 20, 28])
def test_a_cut_value_is_noticed(suite, length):
    with pytest.raises(DecryptionError):
        decrypt_raw(encrypt_raw(NUMBER, AAD)[:length], AAD)


def test_a_value_moved_to_another_column_does_not_decrypt_and_the_error_shows_no_content(suite):
    with pytest.raises(DecryptionError, match=r"residents_person\.phone") as caught:
        decrypt_raw(encrypt_raw(NUMBER, AAD), "residents_person.phone")
    assert NUMBER not in str(caught.value)


def test_empty_stays_empty():
    assert encrypt_raw("", AAD) == b""
    assert decrypt_raw(b"", AAD) == ""
    assert version_of(b"") == 0


def test_a_value_of_one_suite_is_read_while_the_other_writes(settings):
    settings.VAULT_SUITE = "AES-256-GCM"
    sealed = encrypt_raw(NUMBER, AAD)
    settings.VAULT_SUITE = "SM4-GCM"
    assert decrypt_raw(sealed, AAD) == NUMBER


def test_an_unknown_key_version_is_named():
    with pytest.raises(keyring.UnknownKeyVersionError, match="version 77"):
        decrypt_raw(bytes([77]) + encrypt_raw(NUMBER, AAD)[1:], AAD)


def test_a_version_added_by_another_process_is_found_without_a_restart(key_file, settings):
    before = encrypt_raw(NUMBER, AAD)
    keyring.add_version(key_file, "SM4-GCM")
    keyring.reload()
    written_elsewhere = encrypt_raw(NUMBER, AAD)
    document = json.loads(key_file.read_text())
    old = {**document, "current": 1, "keys": {"1": document["keys"]["1"]}}
    key_file.write_text(json.dumps(old))
    keyring.reload()
    key_file.write_text(json.dumps(document))
    assert version_of(written_elsewhere) == 3
    assert decrypt_raw(written_elsewhere, AAD) == NUMBER
    assert decrypt_raw(before, AAD) == NUMBER


def test_adding_a_version_keeps_old_values_readable_and_blind_indexes_equal(key_file):
    old = encrypt_raw(NUMBER, AAD)
    index = blind_index("id", NUMBER)
    assert keyring.add_version(key_file, "AES-256-GCM") == 3
    keyring.reload()
    assert keyring.ring().current == 3
    assert decrypt_raw(old, AAD) == NUMBER
    assert version_of(encrypt_raw(NUMBER, AAD)) == 3
    assert blind_index("id", NUMBER) == index
    assert key_file.stat().st_mode & 0o777 == 0o600


def test_two_key_files_cannot_read_each_other(tmp_path, settings):
    for name in ("a", "b"):
        keyring.generate(tmp_path / name)
    settings.VAULT_KEY_FILE = str(tmp_path / "a")
    sealed, index = encrypt_raw(NUMBER, AAD), blind_index("id", NUMBER)
    settings.VAULT_KEY_FILE = str(tmp_path / "b")
    assert blind_index("id", NUMBER) != index
    with pytest.raises(DecryptionError):
        decrypt_raw(sealed, AAD)


def test_a_missing_key_file_says_what_to_do(tmp_path, settings):
    settings.VAULT_KEY_FILE = str(tmp_path / "none.key")
    with pytest.raises(ImproperlyConfigured, match=r"none\.key is missing\. Restore it from its backup"):
        encrypt_raw(NUMBER, AAD)
    assert [message.id for message in key_file_is_usable()] == ["vault.E001"]


def test_a_key_file_that_everybody_can_read_is_refused(key_file):
    key_file.chmod(0o604)
    keyring.forget()
    with pytest.raises(ImproperlyConfigured, match="chmod 600"):
        keyring.ring()
    key_file.chmod(0o640)
    assert keyring.ring().current == 1
    assert key_file_is_usable() == []


@pytest.mark.parametrize(
    ("content", "reason"),
    [
        ("", "empty"),
        ("{", "not valid JSON"),
        ("not base64 !", "base64 keys of 32 bytes"),
        (base64.b64encode(b"short").decode(), "base64 keys of 32 bytes"),
        ('{"keys": {}}', "base64 keys of 32 bytes"),
        ('{"index": "' + "A" * 43 + '=", "current": 9, "keys": {"1": {"suite": "SM4-GCM", "key": "' + "A" * 43
         + '="}}}', "current version"),
    ],
)  # fmt: skip
def test_a_spoilt_key_file_is_refused_with_the_reason(tmp_path, settings, content, reason):
    path = tmp_path / "vault.key"
    path.write_text(content)
    path.chmod(0o600)
    settings.VAULT_KEY_FILE = str(path)
    with pytest.raises(ImproperlyConfigured, match=reason):
        keyring.ring()


def test_an_unknown_suite_is_refused(settings):
    settings.VAULT_SUITE = "ROT13"
    with pytest.raises(ImproperlyConfigured, match="AES-256-GCM or SM4-GCM"):
        keyring.ring()


def test_the_key_command_never_overwrites_a_key(tmp_path, settings):
    path = tmp_path / "vault.key"
    settings.VAULT_KEY_FILE = str(path)
    call_command("vault_key", "--create")
    first = path.read_text()
    with pytest.raises(CommandError, match="exists already"):
        call_command("vault_key", "--create")
    assert path.read_text() == first


def test_blind_indexes_are_equal_for_equal_values_of_one_purpose_only():
    assert blind_index("id", "33082219900101123X") == blind_index("id", " 33082219900101123x ")
    assert blind_index("id", "３３０８２２19900101123Ｘ") == blind_index("id", "33082219900101123X")
    assert blind_index("id", NUMBER) != blind_index("phone", NUMBER)
    assert blind_index("id", NUMBER) != blind_index("id", "330822199001011235")
    assert len(blind_index("id", NUMBER)) == 16
    assert blind_index("last4", "1234", size=8) == blind_index("last4", "1234")[:8]


def test_an_empty_value_has_no_blind_index():
    with pytest.raises(ValueError, match="empty"):
        blind_index("id", "　 ")


@pytest.mark.parametrize(
    ("value", "shown"),
    [
        ("330822199001011234", "330***********1234"),
        ("E12345678", "E1*****78"),
        ("H12345678", "H1*****78"),
        ("HMA00012345", "HMA****2345"),
        ("1234", "****"),
        ("", ""),
    ],
)
def test_masked_document_numbers(value, shown):
    assert mask_id_number(value) == shown


@pytest.mark.parametrize(
    ("value", "shown"),
    [
        ("13812341234", "138****1234"),
        ("+8613812341234", "+86138****1234"),
        ("0570-5021234", "**********34"),
        ("110", "***"),
        ("", ""),
    ],
)
def test_masked_phones(value, shown):
    assert mask_phone(value) == shown


@pytest.mark.parametrize(("value", "shown"), [("张三", "张*"), ("欧阳修", "欧**"), ("Li", "L*"), ("张", "*"), ("", "")])
def test_masked_names(value, shown):
    assert mask_name(value) == shown
