"""Where a class's data lie, and which addresses its server answers to."""

from __future__ import annotations

import ipaddress
import os
from dataclasses import dataclass
from pathlib import Path
from urllib.parse import urlsplit

from leaderboard.database import connect, data_folder, database_url, describe
from leaderboard.store import Store
from question_bank.diagnostics import Where, bad_input
from quiz.classroom.tables import CLASSROOM
from quiz.tables import PRACTICE
from web.secret import kept_secret

SECRET = "class.secret"  # noqa: S105 - the name of a file
_USUAL = {"http": 80, "https": 443}


@dataclass(frozen=True)
class Address:
    """How browsers reach the server: `root` is put in front of every link that is handed out."""

    root: str
    host: str
    https: bool
    prefix: str


def data_at(folder: Path | None) -> Path:
    """The folder of the class's data: the one that is named, else MOCKEXAM_HOME, else the user's data folder."""
    return data_folder() if folder is None else folder.expanduser()


def open_class(folder: Path, *, must_exist: bool = False, lasting: bool = False) -> Store:
    """The store with the tables of class and practice: DATABASE_URL, else mockexam.db of the folder.

    lasting: for a server, which keeps its connections. Raises InputError.
    """
    own = f"sqlite:///{(folder / 'mockexam.db').absolute()}"
    address = database_url(None if os.environ.get("DATABASE_URL") else own)
    engine = connect(address, must_exist=must_exist, group=CLASSROOM, lasting=lasting)
    connect(address, must_exist=must_exist, group=PRACTICE).dispose()
    return Store(engine, describe(address))


def class_secret(folder: Path) -> bytes:
    """What links and cookies are signed with. Raises InputError."""
    file = folder / SECRET
    try:
        return kept_secret(file)
    except OSError as error:
        raise bad_input(
            "cannot-write",
            f"the server's secret cannot be kept: {error.strerror}",
            where=Where(str(file)),
            hint="--data names another folder",
        ) from None


def address_of(public_url: str | None, host: str, port: int, prefix: str | None) -> Address:
    """The address from the options of the command. Raises InputError."""
    below = None if prefix is None else _prefix(prefix)
    if public_url is None:
        if not is_loopback(host):
            raise bad_input(
                "no-public-url",
                f"who comes to {host} from elsewhere needs an address to come to",
                hint="--public-url https://quiz.example.org says which",
            )
        name = f"[{host}]:{port}" if ":" in host else f"{host}:{port}"
        return Address(f"http://{name}{below or ''}", name, https=False, prefix=below or "")
    found = _parts(public_url)
    if found is None:
        raise bad_input(
            "bad-public-url",
            f"{public_url!r} is no address of a web page",
            hint="like https://quiz.example.org or https://example.org/practice",
        )
    scheme, name, path = found
    if below is not None and path not in ("", below):
        raise bad_input(
            "bad-usage", f"--public-url ends in {path}, and --prefix is {below}: leave one out"
        )
    below = path if below is None else below
    return Address(f"{scheme}://{name}{below}", name, scheme == "https", below)


def is_loopback(host: str) -> bool:
    """Whether only this machine reaches that address."""
    try:
        return ipaddress.ip_address(host).is_loopback
    except ValueError:
        return host == "localhost"


def _parts(url: str) -> tuple[str, str, str] | None:
    try:
        found = urlsplit(url)
        port = found.port
    except ValueError:
        return None
    plain = url.isascii() and url.isprintable() and " " not in url
    more = found.query or found.fragment or found.username or found.password
    if not plain or more or found.scheme not in _USUAL or not found.hostname:
        return None
    name = f"[{found.hostname}]" if ":" in found.hostname else found.hostname
    if port is not None and port != _USUAL[found.scheme]:
        name += f":{port}"
    return found.scheme, name, _prefix(found.path)


def _prefix(text: str) -> str:
    words = [word for word in text.split("/") if word]
    if any(not _is_plain(word) for word in words):
        raise bad_input(
            "bad-prefix",
            f"{text!r} cannot stand in front of addresses",
            hint="a prefix is like /practice: letters, digits, dots, hyphens, underscores",
        )
    return "".join(f"/{word}" for word in words)


def _is_plain(word: str) -> bool:
    return word.isascii() and word.strip(".") != "" and all(c.isalnum() or c in "._-" for c in word)
