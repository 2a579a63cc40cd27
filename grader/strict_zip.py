"""A strict reader of zip archives: bytes in, names and contents out, nothing written.

`zipfile` takes the archive at its word; this reader does not. It accepts exactly the plain kind
of zip that zip tools make, in which the end record, the central directory and the local headers
agree and the members fill the file without gap or overlap. Anything else is refused with one
diagnostic that names the zip, the member, and what to do.

Source: PKWARE APPNOTE.TXT 6.3.10, sections 4.3 and 4.4.
"""

from __future__ import annotations

import io
import stat
import struct
import unicodedata
import zlib
from collections import Counter
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from pathlib import PurePosixPath
from typing import NoReturn

from grader.left_around import MAC_ICON, folders_of, left_around
from question_bank.diagnostics import Diagnostic, InputError, Where

MIB = 1 << 20
MAX_PART_BYTES, MAX_PATH_BYTES = 255, 1024  # what file systems take


@dataclass(frozen=True)
class ArchiveLimits:
    """Bounds on what is read, in bytes, members, characters and levels.

    `directory` bounds the list of all members (a zip without ZIP64 lists 65,534 at most); the
    others are about the members that are used. Whatever unpacks to more than `small` must not
    unpack to more than `ratio` times the zip.
    """

    archive: int = 512 * MIB
    directory: int = 16 * MIB
    member: int = 512 * MIB
    total: int = 1024 * MIB
    members: int = 5000
    name: int = 240
    depth: int = 16
    ratio: int = 50
    small: int = 64 * MIB


# What to do, by reason.
REMAKE = "zip the folder again with an ordinary zip program"
HAND_IN_AGAIN = "it may have suffered on the way: hand it in again, or zip the folder again"
LEAVE_OUT = "leave out data sets and models that the task does not ask for"
FROM_ABOVE = (
    "zip the folder that holds exercise_code/, so that every name in the zip begins at that folder"
)
RENAME = "rename it: letters, digits, - and _ do no harm"
TAKE_UP = "leave it out if the task does not ask for it, else give it a shorter path"
NO_BACKSLASH = 'zip the folder with a program that writes / between folders: Windows\' own "Compressed folder" does'
NO_LINK = "put the file itself in its place"
UNENCRYPTED = "zip the folder without a password"
DEFLATE = "zip the folder again with the usual method, which is called Deflate or Normal"
ONE_OF_THEM = "leave out one of them, or give it another name"
NOT_A_ZIP = "hand in a .zip: another archive, or a file that is called .zip alone, will not do"


def refuse(
    where: object, code: str, message: str, *, member: str | None = None, hint: str = REMAKE
) -> NoReturn:
    """Raise InputError with one diagnostic about an archive, or about a member of it."""
    shown = None if member is None else _printable(member)
    raise InputError(
        Diagnostic(code=code, message=message, where=Where(str(where), what=shown), hint=hint)
    )


def _printable(name: str) -> str:
    short = name if len(name) <= 80 else name[:77] + "..."
    return "".join(c if c.isprintable() else f"\\x{ord(c):02x}" for c in short)


_END = struct.Struct("<4s4H2LH")
_CENTRAL = struct.Struct("<4s6H3L5H2L")
_LOCAL = struct.Struct("<4s5H3L2H")
_END_MARK, _CENTRAL_MARK, _LOCAL_MARK = b"PK\x05\x06", b"PK\x01\x02", b"PK\x03\x04"
_DESCRIPTOR_MARK = b"PK\x07\x08"
_MAX_COMMENT = 0xFFFF
_ZIP64 = 0xFFFFFFFF
_ENCRYPTED, _DESCRIPTOR_FOLLOWS, _STRONG_ENCRYPTION, _UTF8 = 1, 1 << 3, 1 << 6, 1 << 11
_MASKED_HEADERS = 1 << 13
_STORED, _DEFLATED = 0, 8
_UNIX_SYSTEMS = (3, 19)
_PIECE = 1 << 20  # bytes that are unpacked at once


@dataclass(frozen=True)
class _Member:
    name: str
    raw_name: bytes
    flags: int
    method: int
    crc: int
    packed: int
    size: int
    offset: int
    kind: int
    disk: int

    @property
    def is_folder(self) -> bool:
        return self.name.endswith("/")


class StrictZip:
    """One archive, checked from its end to its beginning."""

    def __init__(self, path: str, data: bytes, limits: ArchiveLimits) -> None:
        self.path, self.data, self.limits = path, data, limits

    def members(self) -> tuple[list[tuple[str, bytes]], Mapping[str, str]]:
        """Names and contents of the regular files that are used, and why others are not.

        Of what is not used nothing but the name and the place in the zip is looked at. Raises
        InputError.
        """
        listed = self._directory()
        check_all_names(self.path, (member.name for member in listed))
        aside = left_around(member.name for member in listed)
        used = [member for member in listed if member.name not in aside]
        self._check_count(used)
        for member in used:
            self._check_kind(member)
        check_used_names(self.path, [(m.name, m.is_folder) for m in used], self.limits)
        self._check_sizes(used)
        starts = self._data_starts(listed)
        found = [(m.name, self._inflate(m, starts[m.offset])) for m in used if not m.is_folder]
        return found, aside

    def _refuse(
        self, code: str, message: str, member: str | None = None, hint: str = REMAKE
    ) -> NoReturn:
        refuse(self.path, code, message, member=member, hint=hint)

    def _end_record(self) -> tuple[int, int, int]:
        """Number of members, offset and length of the directory."""
        data = self.data
        if not data:
            self._refuse("not-a-zip", "the file is empty", hint=HAND_IN_AGAIN)
        tail = max(0, len(data) - _MAX_COMMENT - _END.size)
        position = data.rfind(_END_MARK, tail)
        if position < 0:
            if data[:4] == _LOCAL_MARK:
                self._refuse(
                    "broken-zip", "the zip is cut off: its end is missing", hint=HAND_IN_AGAIN
                )
            self._refuse("not-a-zip", "this is not a zip file", hint=NOT_A_ZIP)
        if position + _END.size > len(data):
            self._refuse(
                "broken-zip", "the zip is cut off within its end record", hint=HAND_IN_AGAIN
            )
        record = _END.unpack_from(data, position)
        _, disk, directory_disk, on_disk, count, length, offset, comment = record
        if position + _END.size + comment != len(data):
            self._refuse("unsafe-zip", "there is more data after the end of the zip")
        if disk or directory_disk or on_disk != count:
            self._refuse("unsafe-zip", "the zip is one part of several, or its counts disagree")
        if _ZIP64 in {offset, length} or count == 0xFFFF:
            self._refuse(
                "unsafe-zip", "the zip is in the ZIP64 format, meant for huge archives",
                hint=LEAVE_OUT,
            )  # fmt: skip
        if length > self.limits.directory:
            self._refuse(
                "too-large",
                f"the zip lists so many files that their names alone take {length:,} bytes, more "
                f"than {self.limits.directory:,}",
                hint=LEAVE_OUT,
            )
        if offset + length != position:
            self._refuse(
                "unsafe-zip", "the zip's directory does not end where its end record begins"
            )
        if _END_MARK in data[offset + length + 4 :]:
            self._refuse("unsafe-zip", "the zip has two end records")
        return count, offset, length

    def _directory(self) -> list[_Member]:
        count, position, length = self._end_record()
        end = position + length
        listed: list[_Member] = []
        while position < end:
            if (
                position + _CENTRAL.size > end
                or self.data[position : position + 4] != _CENTRAL_MARK
            ):
                self._refuse("broken-zip", "the zip's directory cannot be read", hint=HAND_IN_AGAIN)
            fields = _CENTRAL.unpack_from(self.data, position)
            name_length, extra_length, comment_length = fields[10:13]
            name_start = position + _CENTRAL.size
            position = name_start + name_length + extra_length + comment_length
            if position > end:
                self._refuse("broken-zip", "the zip's directory cannot be read", hint=HAND_IN_AGAIN)
            if len(listed) == count:
                self._refuse("unsafe-zip", f"the zip announces {count} members but lists more")
            listed.append(self._member(fields, self.data[name_start : name_start + name_length]))
        if len(listed) != count:
            self._refuse("unsafe-zip", f"the zip announces {count} members but lists {len(listed)}")
        if not listed:
            self._refuse(
                "empty-submission", "the zip holds no files",
                hint="zip the folder with your files in it",
            )  # fmt: skip
        return listed

    def _member(self, fields: tuple[int, ...], raw: bytes) -> _Member:
        _, made_by, _, flags, method, _, _, crc, packed, size = fields[:10]
        disk, _, external, offset = fields[13:17]
        name = self._decode(raw, flags)
        if _ZIP64 in {packed, size, offset}:
            self._refuse("unsafe-zip", "a member is in the ZIP64 format", name)
        kind = stat.S_IFMT(external >> 16) if made_by >> 8 in _UNIX_SYSTEMS else 0
        return _Member(name, raw, flags, method, crc, packed, size, offset, kind, disk)

    def _check_kind(self, member: _Member) -> None:
        """Only plain files and folders, readable as they are."""
        name, kind = member.name, member.kind
        if member.flags & (_ENCRYPTED | _STRONG_ENCRYPTION | _MASKED_HEADERS):
            self._refuse("unsafe-zip", "a member is encrypted", name, UNENCRYPTED)
        if member.method not in {_STORED, _DEFLATED}:
            self._refuse(
                "unsafe-zip", f"a member uses compression method {member.method}", name, DEFLATE
            )
        if member.disk:
            self._refuse("unsafe-zip", "a member lies on another part of the archive", name)
        if kind not in {0, stat.S_IFREG, stat.S_IFDIR}:
            what = "a symbolic link" if kind == stat.S_IFLNK else "a special file"
            self._refuse("unsafe-zip", f"a member is {what}, not a file", name, NO_LINK)
        folder = member.is_folder
        if (kind == stat.S_IFDIR) > folder or (folder and (member.size or kind == stat.S_IFREG)):
            self._refuse("unsafe-zip", "a member is a folder and a file at once", name)

    def _decode(self, raw: bytes, flags: int) -> str:
        try:
            return raw.decode("utf-8")
        except UnicodeDecodeError:
            if flags & _UTF8:
                self._refuse("unsafe-zip", "a member's name is not text", repr(raw), RENAME)
            return raw.decode("cp437")

    def _check_count(self, used: list[_Member]) -> None:
        most = self.limits.members
        if len(used) > most:
            refuse(
                self.path, "too-large", f"the zip has {len(used):,} members, more than {most:,}",
                hint=where_most_lie(member.name for member in used),
            )  # fmt: skip

    def _check_sizes(self, used: list[_Member]) -> None:
        limits = self.limits
        for member in used:
            if member.size > limits.member:
                self._refuse(
                    "too-large",
                    f"a member unpacks to {member.size:,} bytes, more than {limits.member:,}",
                    member.name,
                    LEAVE_OUT,
                )
        total = sum(member.size for member in used)
        if total > limits.total:
            self._refuse(
                "too-large", f"the zip unpacks to {total:,} bytes, more than {limits.total:,}",
                hint=LEAVE_OUT,
            )  # fmt: skip
        if total > limits.small and total > limits.ratio * len(self.data):
            self._refuse(
                "unsafe-zip",
                f"the zip unpacks to {total:,} bytes, more than {limits.ratio} times its own size",
                hint="leave out large files in which the same bytes stand over and over",
            )

    def _data_starts(self, listed: list[_Member]) -> dict[int, int]:
        """Offset of each member's data; members must fill the file up to the directory."""
        _, directory, _ = self._end_record()
        starts: dict[int, int] = {}
        position = 0
        for member in sorted(listed, key=lambda m: m.offset):
            if member.offset < position:
                self._refuse("unsafe-zip", "two members overlap", member.name)
            if member.offset > position:
                self._refuse("unsafe-zip", "there is hidden data before a member", member.name)
            starts[member.offset] = self._local_header(member, directory)
            position = starts[member.offset] + member.packed
            if position > directory:
                self._refuse("unsafe-zip", "a member reaches into the directory", member.name)
            if member.flags & _DESCRIPTOR_FOLLOWS:
                position += self._descriptor_length(member, position)
        if position != directory:
            self._refuse("unsafe-zip", "there is hidden data before the zip's directory")
        return starts

    def _local_header(self, member: _Member, directory: int) -> int:
        start = member.offset
        if start + _LOCAL.size > directory or self.data[start : start + 4] != _LOCAL_MARK:
            self._refuse("broken-zip", "a member is not where the directory says", member.name)
        fields: tuple[int, ...] = _LOCAL.unpack_from(self.data, start)
        _, _, flags, method, _, _, crc, packed, size, name_length, extra_length = fields
        name_start = start + _LOCAL.size
        sizes = (member.crc, member.packed, member.size)
        allowed = {sizes}
        if member.flags & _DESCRIPTOR_FOLLOWS:
            allowed.add((0, 0, 0))
        if (
            self.data[name_start : name_start + name_length] != member.raw_name
            or (flags, method) != (member.flags, member.method)
            or (crc, packed, size) not in allowed
        ):
            self._refuse(
                "unsafe-zip", "a member's own header says something else than the directory",
                member.name,
            )  # fmt: skip
        return name_start + name_length + extra_length

    def _descriptor_length(self, member: _Member, position: int) -> int:
        plain = struct.pack("<3L", member.crc, member.packed, member.size)
        marked = _DESCRIPTOR_MARK + plain
        if self.data.startswith(marked, position):
            return len(marked)
        if not self.data.startswith(plain, position):
            self._refuse("unsafe-zip", "a member's sizes after its data are wrong", member.name)
        return len(plain)

    def _inflate(self, member: _Member, start: int) -> bytes:
        # A view: the archive is not copied, and a model of some hundred megabytes is held once.
        packed = memoryview(self.data)[start : start + member.packed]
        content = packed.tobytes() if member.method == _STORED else self._deflated(member, packed)
        if len(content) != member.size:
            self._refuse("unsafe-zip", "a member is not as long as its header says", member.name)
        if zlib.crc32(content) != member.crc:
            self._refuse(
                "broken-zip", "a member is damaged (its checksum is wrong)", member.name,
                HAND_IN_AGAIN,
            )  # fmt: skip
        return content

    def _deflated(self, member: _Member, packed: memoryview) -> bytes:
        """Unpack piece by piece, so that nothing grows beyond what the header announces."""
        unpacker = zlib.decompressobj(-zlib.MAX_WBITS)
        content = io.BytesIO()
        for begin in range(0, len(packed), _PIECE):
            # One byte more than announced is asked for, so that a longer stream shows itself.
            room = member.size + 1 - content.tell()
            try:
                content.write(unpacker.decompress(packed[begin : begin + _PIECE], room))
            except zlib.error:
                self._refuse(
                    "broken-zip", "a member cannot be unpacked", member.name, HAND_IN_AGAIN
                )
            if content.tell() > member.size or unpacker.unused_data:
                break
        if not unpacker.eof or unpacker.unused_data:
            self._refuse("unsafe-zip", "a member is not as long as its header says", member.name)
        return content.getvalue()


def check_all_names(where: str, names: Iterable[str]) -> None:
    """Refuse names that lead outside or steer a terminal, of files that will not be used too."""
    for name in names:
        # Given by macOS to the pictures of folders, which nobody reads.
        icon = name.rpartition("/")[2] == MAC_ICON
        shown = name.removesuffix("\r") if icon else name
        # Some letters become others once they are composed, and that is how they are written.
        for form in (shown, *_composed(shown)):
            problem, hint = _danger_of(form)
            if problem:
                refuse(where, "unsafe-zip", f"a member's name {problem}", member=name, hint=hint)


def check_used_names(where: str, names: Iterable[tuple[str, bool]], limits: ArchiveLimits) -> None:
    """Refuse names (with: is it a folder) that file systems do not take, collide, or lie inside a file."""
    seen: dict[str, tuple[str, bool]] = {}
    for name, is_folder in names:
        # Composed, some letters take more room.
        for form in (name, *_composed(name)):
            problem = _excess_of(form, limits)
            if problem:
                refuse(where, "unsafe-zip", f"a member's name {problem}", member=name, hint=TAKE_UP)
        key = unicodedata.normalize("NFC", name.rstrip("/")).casefold()
        if key in seen:
            other = seen[key][0]
            same = "occurs twice" if other == name else f"collides with {_printable(other)!r}"
            refuse(where, "unsafe-zip", f"a member's name {same}", member=name, hint=ONE_OF_THEM)
        seen[key] = (name, is_folder)
    for key, (name, _) in seen.items():
        for parent in PurePosixPath(key).parents:
            above = seen.get(str(parent))
            if above and not above[1]:
                refuse(
                    where, "unsafe-zip", f"a member lies inside the file {_printable(above[0])!r}",
                    member=name, hint=ONE_OF_THEM,
                )  # fmt: skip


def where_most_lie(names: Iterable[str]) -> str:
    """What to do about too many files: the folder that holds most of them, named."""
    counted = Counter(folder for name in names for folder in folders_of(name))
    if not counted:
        return LEAVE_OUT
    most = max(counted.values())
    # The innermost of those that hold nearly all: the work lies beside it, not in it.
    folder = max((f for f, n in counted.items() if n >= 0.9 * most), key=lambda f: f.count("/"))
    return (
        f"leave out what the task does not ask for: {_printable(folder)}/ holds "
        f"{counted[folder]:,} of them"
    )


def _composed(name: str) -> tuple[str, ...]:
    """The other form of a name that has one."""
    return () if unicodedata.is_normalized("NFC", name) else (unicodedata.normalize("NFC", name),)


def _bytes(name: str) -> int:
    """Length on disk; a folder's names may hold bytes that are no text."""
    return len(name.encode(errors="surrogateescape"))


def _danger_of(name: str) -> tuple[str, str]:
    """What makes a name unsafe, and what to do; ("", "") for nothing."""
    bare = name.removesuffix("/")
    parts = bare.split("/")
    if not bare:
        return "is empty or too long", REMAKE
    if _bytes(name) > MAX_PATH_BYTES:
        return "is empty or too long", TAKE_UP
    plain = name.isascii() and name.isprintable()
    if not plain and any(
        unicodedata.category(c).startswith("C") or c in "\u2028\u2029" for c in name
    ):
        return "holds control characters", RENAME
    if "\\" in name or (len(name) > 1 and name[1] == ":"):
        return "is a Windows path", NO_BACKSLASH
    if name.startswith("/"):
        return "is an absolute path", FROM_ABOVE
    if ".." in parts:
        return "leads out of the archive", FROM_ABOVE
    if "." in parts or "" in parts:
        return "has an empty part", FROM_ABOVE
    return "", ""


def _excess_of(name: str, limits: ArchiveLimits) -> str:
    parts = name.removesuffix("/").split("/")
    if len(name) > limits.name or any(_bytes(part) > MAX_PART_BYTES for part in parts):
        return "is empty or too long"
    if len(parts) > limits.depth:
        return "is nested too deep"
    return ""
