"""Options that every server of a course has: where it listens, and how browsers reach it."""

from __future__ import annotations

import argparse
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    import socket

    from leaderboard.serving.address import Address

MOST_PROCESSES = 64


def add_reached(command: Any, *, port: int, first: bool = True) -> None:
    """How the server is reached; of a command below another (not `first`), what stands before its name holds too."""
    nothing = None if first else argparse.SUPPRESS
    command.add_argument(
        "--public-url",
        default=nothing,
        metavar="URL",
        help="how browsers reach the server, as in https://quiz.example.org/practice",
    )
    command.add_argument(
        "--prefix",
        default=nothing,
        metavar="PATH",
        help="what the proxy leaves in front of every path (default: the path of --public-url)",
    )
    command.add_argument(
        "--port",
        dest="at_port",
        type=port_number,
        default=port if first else argparse.SUPPRESS,
        metavar="P",
        help=f"the server's port ({port})",
    )


def add_listening(command: Any) -> None:
    """Where the server listens, and whose word it takes for who is asking."""
    command.add_argument("--host", default="127.0.0.1", metavar="ADDRESS", help="listen here")
    command.add_argument(
        "--proxy",
        action="append",
        metavar="ADDRESS",
        help="believe X-Forwarded-For from this proxy, and from no other (repeatable; 10.0.0.0/8 means a network)",
    )


def port_number(text: str) -> int:
    """A port from the command line; 0 takes any that is free."""
    return whole(text, 0, 65_535, "a port")


def process_count(text: str) -> int:
    """A number of server processes from the command line."""
    return whole(text, 1, MOST_PROCESSES, "a number of processes")


def refresh_seconds(text: str) -> int:
    """After how many seconds an open page asks again, from the command line."""
    return whole(text, 2, 3_600, "a number of seconds")


def whole(text: str, low: int, high: int, what: str) -> int:
    """A whole number in a range, from the command line."""
    if not (text.isascii() and text.isdigit() and len(text) < 12 and low <= int(text) <= high):
        raise argparse.ArgumentTypeError(
            f"{what} is a whole number from {low} to {high}, not '{text}'"
        )
    return int(text)


def opened(
    arguments: argparse.Namespace, processes: int = 1
) -> tuple[list[socket.socket], Address]:
    """A socket for each process, and the address that they answer to. Raises InputError."""
    from leaderboard.serving.address import address_of
    from question_bank.diagnostics import bad_input
    from web.processes import shared_sockets

    host = "127.0.0.1" if arguments.host == "localhost" else arguments.host
    try:
        sockets = shared_sockets(arguments.at_port, host, processes)
    except OSError as error:
        reason = error.strerror or str(error)
        raise bad_input(
            "port-taken",
            f"port {arguments.at_port} of {arguments.host} cannot be used: {reason}",
            hint="--port takes another one",
        ) from None
    port = sockets[0].getsockname()[1]
    return sockets, address_of(arguments.public_url, arguments.host, port, arguments.prefix)


def warnings(arguments: argparse.Namespace, address: Address) -> list[str]:
    """What whoever starts a server should know about how it is reached."""
    from leaderboard.serving.address import is_loopback

    told = []
    if not address.https and not is_loopback(address.host.rpartition(":")[0].strip("[]")):
        told.append("Without https, links, codes and cookies can be read on the way.")
    if arguments.public_url is not None and not arguments.proxy:
        told.append(
            "No --proxy: X-Forwarded-For is not believed, and everybody who comes through a proxy "
            "has its address until they sign in."
        )
    return told
