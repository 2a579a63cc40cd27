"""How browsers reach a server: its address, from what the command was told."""

from __future__ import annotations

import ipaddress
from dataclasses import dataclass
from urllib.parse import urlsplit

from question_bank.diagnostics import bad_input

_USUAL = {"http": 80, "https": 443}


@dataclass(frozen=True)
class Address:
    """How browsers reach the server: `root` is put in front of every link that is handed out."""

    root: str
    host: str
    https: bool
    prefix: str


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
