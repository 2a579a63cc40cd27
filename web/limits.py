"""How much one user may ask for: a bucket that fills at a steady rate and holds a burst."""

from __future__ import annotations

import threading
import time
from collections import OrderedDict
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field

MOST_USERS = 10_000
"""Buckets that are remembered; the one that was used longest ago is forgotten, and would be full by then."""


@dataclass
class Limits:
    """Requests for each user. Changes with each request: one for a server.

    rate: requests a second in the long run; burst: how many at once.
    crowd: how many users an address may stand for from which nobody has signed in yet: those of a lecture hall share one.
    body: bytes of a form. files: paths that take files, with more bytes each: {"/hand-in": 512 * 2**20}.
    body_s, files_s: the seconds in which a form, or one with files, must have come.
    pause_s: the seconds after which one is given up of which nothing comes any more.
    """

    rate: float = 10.0
    burst: int = 60
    crowd: int = 1
    body: int = 128 * 1024
    files: Mapping[str, int] = field(default_factory=dict)
    body_s: float = 30.0
    files_s: float = 1_800.0
    pause_s: float = 120.0
    seconds: Callable[[], float] = time.monotonic
    _left: OrderedDict[str, tuple[float, float]] = field(default_factory=OrderedDict, repr=False)
    _lock: threading.Lock = field(default_factory=threading.Lock, repr=False)

    def most(self, path: str) -> int:
        """The bytes that a request to this path may bring."""
        return self.files.get(path, self.body)

    def patience(self, path: str) -> float:
        """The seconds in which the body of a request to this path must have come."""
        return self.files_s if path in self.files else self.body_s

    def wait(self, user: str, *, crowd: bool = False) -> float:
        """Take one request of a user, or of an address: 0, or the seconds after which it may be tried again."""
        now = self.seconds()
        many = self.crowd if crowd else 1
        rate, burst = self.rate * many, self.burst * many
        with self._lock:
            left, since = self._left.pop(user, (float(burst), now))
            left = min(burst, left + (now - since) * rate)
            granted = left >= 1
            self._left[user] = (left - 1 if granted else left, now)
            while len(self._left) > MOST_USERS:
                self._left.popitem(last=False)
        return 0.0 if granted else (1 - left) / rate

    def give_back(self, user: str) -> None:
        """One request of a user did not count after all."""
        with self._lock:
            if user in self._left:
                left, since = self._left[user]
                self._left[user] = (left + 1, since)
