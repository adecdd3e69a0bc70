"""The two ciphers. An HSM or a certified module plugs in here: give it the same three names and list it in SUITES."""

from typing import ClassVar, Protocol

from cryptography.hazmat.primitives.ciphers import Cipher, algorithms, modes
from cryptography.hazmat.primitives.ciphers.aead import AESGCM

TAG_BYTES = 16


class Suite(Protocol):
    key_size: ClassVar[int]

    def __init__(self, key: bytes) -> None: ...

    def encrypt(self, nonce: bytes, data: bytes, aad: bytes) -> bytes:
        """Returns ciphertext followed by the 16-byte tag."""

    def decrypt(self, nonce: bytes, data: bytes, aad: bytes) -> bytes:
        """Raises cryptography.exceptions.InvalidTag when data, nonce, key or aad is not the one of encryption."""


class AesGcm:
    key_size: ClassVar[int] = 32

    def __init__(self, key: bytes) -> None:
        cipher = AESGCM(key)
        self.encrypt = cipher.encrypt
        self.decrypt = cipher.decrypt


class Sm4Gcm:
    """GB/T 32907 block cipher in GCM mode, for sites that must use commercial cryptography (GB/T 39786)."""

    key_size: ClassVar[int] = 16

    def __init__(self, key: bytes) -> None:
        self._algorithm = algorithms.SM4(key)

    def encrypt(self, nonce: bytes, data: bytes, aad: bytes) -> bytes:
        worker = Cipher(self._algorithm, modes.GCM(nonce)).encryptor()
        worker.authenticate_additional_data(aad)
        return worker.update(data) + worker.finalize() + worker.tag

    def decrypt(self, nonce: bytes, data: bytes, aad: bytes) -> bytes:
        worker = Cipher(self._algorithm, modes.GCM(nonce, data[-TAG_BYTES:])).decryptor()
        worker.authenticate_additional_data(aad)
        return worker.update(data[:-TAG_BYTES]) + worker.finalize()


SUITES: dict[str, type[Suite]] = {"AES-256-GCM": AesGcm, "SM4-GCM": Sm4Gcm}
