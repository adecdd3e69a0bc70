"""A zip archive written in one pass. The standard module cannot use the fast compressor, so the container is ours."""

import struct
import zlib
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from typing import IO, Any

try:
    from isal import isal_zlib
except ImportError:
    isal_zlib = None  # type: ignore[assignment]

# Where the fast compressor has no wheel for the processor, the standard one does the same work.
engine: Any = isal_zlib or zlib
LEVEL = 1
RAW_DEFLATE = -15
LIMIT_32 = 0xFFFFFFFF
LIMIT_16 = 0xFFFF
DEFLATED, UTF8_NAMES = 8, 0x0800
DOS_DATE = (1 << 5) | 1  # 1 January 1980: the same content gives the same file
LOCAL = struct.Struct("<4sHHHHHIIIHH")
CENTRAL = struct.Struct("<4sHHHHHHIIIHHHHHII")
END = struct.Struct("<4sHHHHIIH")
END64 = struct.Struct("<4sQHHIIQQQQ")
LOCATOR64 = struct.Struct("<4sIQI")


@dataclass(slots=True)
class Member:
    name: bytes
    offset: int
    large: bool
    crc: int = 0
    raw: int = 0
    packed: int = 0


class MemberWriter:
    def __init__(self, out: IO[bytes], member: Member) -> None:
        self._out, self._member = out, member
        self._deflate: Any = engine.compressobj(LEVEL, DEFLATED, RAW_DEFLATE)

    def write(self, data: bytes) -> None:
        member = self._member
        member.crc = engine.crc32(data, member.crc)
        member.raw += len(data)
        self._put(self._deflate.compress(data))

    def finish(self) -> None:
        self._put(self._deflate.flush())

    def _put(self, packed: bytes) -> None:
        self._member.packed += len(packed)
        self._out.write(packed)


class ZipStream:
    """`out` must be seekable: sizes are filled in when a member ends, as every spreadsheet program expects."""

    def __init__(self, out: IO[bytes]) -> None:
        self._out = out
        self._members: list[Member] = []

    @contextmanager
    def member(self, name: str, *, large: bool = False) -> Iterator[MemberWriter]:
        """`large` reserves room for sizes of 4 GiB and more; without need it makes some programs complain."""
        member = Member(name.encode(), self._out.tell(), large)
        self._out.write(self._local_header(member))
        writer = MemberWriter(self._out, member)
        yield writer
        writer.finish()
        if not large and max(member.raw, member.packed) > LIMIT_32:
            raise OverflowError(f"{name} is larger than 4 GiB")
        after = self._out.tell()
        self._out.seek(member.offset)
        self._out.write(self._local_header(member))
        self._out.seek(after)
        self._members.append(member)

    def add(self, name: str, data: bytes) -> None:
        with self.member(name) as writer:
            writer.write(data)

    def close(self) -> None:
        start = self._out.tell()
        for member in self._members:
            self._out.write(self._central_header(member))
        size, count = self._out.tell() - start, len(self._members)
        if start > LIMIT_32 or count >= LIMIT_16:
            where = self._out.tell()
            self._out.write(END64.pack(b"PK\x06\x06", 44, 45, 45, 0, 0, count, count, size, start))
            self._out.write(LOCATOR64.pack(b"PK\x06\x07", 0, where, 1))
        few, low = min(count, LIMIT_16), min(start, LIMIT_32)
        self._out.write(END.pack(b"PK\x05\x06", 0, 0, few, few, size, low, 0))

    @staticmethod
    def _local_header(member: Member) -> bytes:
        extra, raw, packed, version = b"", member.raw, member.packed, 20
        if member.large:
            extra = struct.pack("<HHQQ", 1, 16, raw, packed)
            raw = packed = LIMIT_32
            version = 45
        sizes = (member.crc, packed, raw, len(member.name), len(extra))
        head = LOCAL.pack(b"PK\x03\x04", version, UTF8_NAMES, DEFLATED, 0, DOS_DATE, *sizes)
        return head + member.name + extra

    @staticmethod
    def _central_header(member: Member) -> bytes:
        wide = [value for value in (member.raw, member.packed, member.offset) if value > LIMIT_32]
        extra = struct.pack(f"<HH{len(wide)}Q", 1, 8 * len(wide), *wide) if wide else b""
        version = 45 if member.large or wide else 20
        raw, packed, offset = (min(value, LIMIT_32) for value in (member.raw, member.packed, member.offset))
        sizes = (member.crc, packed, raw, len(member.name), len(extra))
        head = CENTRAL.pack(
            b"PK\x01\x02", version, version, UTF8_NAMES, DEFLATED, 0, DOS_DATE, *sizes, 0, 0, 0, 0, offset
        )
        return head + member.name + extra
