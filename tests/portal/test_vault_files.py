import io

import pytest

from portal.vault import files
from portal.vault.cipher import DecryptionError

MIB = 1 << 20


def sealed(content: bytes, aad: str = "tests:1") -> bytes:
    target = io.BytesIO()
    assert files.seal(io.BytesIO(content), target, aad=aad) == len(content)
    return target.getvalue()


def opened(stored: bytes, aad: str = "tests:1") -> bytes:
    return b"".join(files.unseal(io.BytesIO(stored), aad=aad))


@pytest.mark.parametrize("length", [0, 1, MIB - 1, MIB, MIB + 1, 3 * MIB])
def test_what_was_sealed_comes_back_and_its_size_is_known_before(length):
    content = bytes(range(256)) * (length // 256 + 1)
    stored = sealed(content[:length])
    assert opened(stored) == content[:length]
    assert files.plain_size(io.BytesIO(stored)) == length


@pytest.mark.parametrize("suite", ["AES-256-GCM", "SM4-GCM"])
def test_both_suites_seal_files(settings, suite):
    settings.VAULT_SUITE = suite
    assert opened(sealed("身份证扫描件".encode())) == "身份证扫描件".encode()


def test_nothing_of_the_content_can_be_read_and_no_two_seals_are_alike():
    content = b"330822199001011234" * 100
    assert b"330822" not in sealed(content)
    assert sealed(content) != sealed(content)


@pytest.mark.parametrize("place", [0, 5, 20, 90, -1])
def test_one_changed_bit_is_noticed(place):
    stored = bytearray(sealed(b"x" * 100))
    stored[place] ^= 1
    with pytest.raises(DecryptionError):
        opened(bytes(stored))


def test_a_file_that_was_cut_at_a_chunk_or_whose_chunks_were_swapped_is_noticed():
    stored = sealed(b"a" * MIB + b"b" * MIB + b"c")
    head = len(stored) - 2 * (MIB + 16) - 17
    first, second = stored[head : head + MIB + 16], stored[head + MIB + 16 : head + 2 * (MIB + 16)]
    for forged in (stored[:-17], stored[:head] + second + first + stored[-17:], stored + b"c", b""):
        with pytest.raises(DecryptionError):
            opened(forged)


def test_a_file_put_in_the_place_of_another_does_not_open():
    with pytest.raises(DecryptionError):
        opened(sealed(b"of somebody else"), aad="tests:2")
