"""Zips built by hand, field by field, so that each can lie in exactly one way."""

from __future__ import annotations

import struct
import zlib
from dataclasses import dataclass, replace

FILE, FOLDER, LINK, DEVICE = 0o100644, 0o040755, 0o120777, 0o020644


@dataclass(frozen=True)
class Member:
    """One member; None means: as it should be."""

    name: bytes
    content: bytes = b"x = 1\n"
    mode: int = FILE
    method: int = 8
    flags: int = 0
    crc: int | None = None
    packed_size: int | None = None
    size: int | None = None
    local_name: bytes | None = None
    local_size: int | None = None
    packed: bytes | None = None
    offset: int | None = None
    before: bytes = b""
    descriptor: bytes | None = None
    extra: bytes = b""

    @property
    def data(self) -> bytes:
        """The member's bytes as they lie in the zip."""
        if self.packed is not None:
            return self.packed
        if self.method != 8:
            return self.content
        packer = zlib.compressobj(wbits=-15)
        return packer.compress(self.content) + packer.flush()

    @property
    def sizes(self) -> tuple[int, int, int]:
        """Checksum, packed size, size."""
        return (
            zlib.crc32(self.content) if self.crc is None else self.crc,
            len(self.data) if self.packed_size is None else self.packed_size,
            len(self.content) if self.size is None else self.size,
        )


def build(
    *members: Member,
    prefix: bytes = b"",
    gap: bytes = b"",
    trailing: bytes = b"",
    comment: bytes = b"",
    count: int | None = None,
    disk: int = 0,
) -> bytes:
    """A zip of these members."""
    data, directory = prefix, b""
    for member in members:
        data += member.before
        start = len(data)
        crc, packed, size = member.sizes
        name = member.name if member.local_name is None else member.local_name
        local_sizes = (
            (0, 0, 0)
            if member.descriptor is not None
            else (crc, packed, size if member.local_size is None else member.local_size)
        )
        data += (
            struct.pack(
                "<4s5H3L2H",
                b"PK\x03\x04",
                20,
                member.flags,
                member.method,
                0,
                33,
                *local_sizes,
                len(name),
                len(member.extra),
            )
            + name
            + member.extra
            + member.data
        )
        data += member.descriptor or b""
        directory += (
            struct.pack(
                "<4s6H3L5H2L",
                b"PK\x01\x02",
                0x0314,
                20,
                member.flags,
                member.method,
                0,
                33,
                crc,
                packed,
                size,
                len(member.name),
                0,
                0,
                0,
                0,
                member.mode << 16,
                start if member.offset is None else member.offset,
            )
            + member.name
        )
    total = len(members) if count is None else count
    data += gap
    end = struct.pack(
        "<4s4H2LH", b"PK\x05\x06", disk, disk, total, total, len(directory), len(data), len(comment)
    )
    return data + directory + end + comment + trailing


def described(member: Member, *, marked: bool = True) -> Member:
    """The same member with its sizes after the data, as streaming zip programs write them."""
    mark = b"PK\x07\x08" if marked else b""
    return replace(
        member, flags=member.flags | 8, descriptor=mark + struct.pack("<3L", *member.sizes)
    )
