"""What the words of a student's formula stand for: symbols, symbols side by side (WV), functions glued to them (yln)."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass

from question_bank.grammar.answer_tokens import canonical_name
from question_bank.grammar.answer_words import CONSTANTS, OTHER_FUNCTIONS, PIECEWISE, spelled

_LONGEST_FUNCTION = 12


@dataclass(frozen=True)
class Names:
    """The symbols of a question, by what they are typed as, and the functions that may be named."""

    symbols: Mapping[str, str]
    functions: frozenset[str]

    def knows(self, name: str) -> bool:
        """Whether the name is a symbol, a function, or several of them side by side."""
        alone = name in self.symbols or spelled(name) in self.functions
        return alone or self.split(name) is not None or self.function_of(name) is not None

    def split(self, name: str) -> list[str] | None:
        """`WV` as W times V, when it falls into known symbols in exactly one way."""
        pieces = self.symbols_before(name)(len(name))
        return pieces if pieces and len(pieces) > 1 else None

    def symbols_before(self, name: str) -> Callable[[int], list[str] | None]:
        """What gives the symbols side by side of which the name consists up to a place; None where that is not one way."""
        # For each end, in how many ways (2: several) the name falls apart so far, and where the last piece begins.
        ways, begins = [1] + [0] * len(name), [0] * (len(name) + 1)
        longest = max(map(len, self.symbols), default=0)
        for end in range(1, len(name) + 1):
            for start in range(max(0, end - longest), end):
                if ways[start] and name[start:end] in self.symbols:
                    ways[end], begins[end] = min(2, ways[end] + ways[start]), start

        def before(end: int) -> list[str] | None:
            if ways[end] != 1:
                return None
            pieces = []
            while end:
                pieces.append(name[begins[end] : end])
                end = begins[end]
            return pieces[::-1]

        return before

    def stem(self, name: str) -> str | None:
        """The symbol without its running index: σ_j is σ where the question has no σ_1, and no j."""
        stem, index = name[:-1].removesuffix("_"), name[-1:]
        own = set(self.symbols) - set(CONSTANTS)
        if index not in ("i", "j", "k") or index in own or stem not in own:
            return None
        return stem if sum(symbol.startswith(stem) for symbol in own) == 1 else None

    def function_of(self, name: str) -> list[str] | None:
        """`ln2` as ln 2, `lnx` as ln x, `yln` as y times ln, in exactly one way; not `log2`, a function by itself."""
        if any(other in name.lower() for other in OTHER_FUNCTIONS):
            return None
        symbols_before, found = self.symbols_before(name), []
        for start in range(len(name) - 1):
            end = self.function_at(name, start)
            symbols = symbols_before(start) if end else None
            if end is None or symbols is None or (not symbols and end == len(name)):
                continue
            behind = name[end:]
            # Nobody means relu by a word such as reluz.
            plain = spelled(name[start:end]) not in PIECEWISE and (
                behind in self.symbols or _takes_number(name[start:end], behind)
            )
            if plain or not behind:
                found.append([*symbols, name[start:end], *([behind] if behind else [])])
        return found[0] if len(found) == 1 else None

    def function_at(self, name: str, start: int) -> int | None:
        """Where the longest function ends that begins at a place of a name."""
        ends = range(min(len(name), start + _LONGEST_FUNCTION), start + 1, -1)
        return next((end for end in ends if spelled(name[start:end]) in self.functions), None)


def names_of(symbols: Iterable[str], functions: Iterable[str]) -> Names:
    """The words that a formula over these symbols and functions may hold."""
    found = {canonical_name(symbol): symbol for symbol in symbols}
    if "p_i" in found:
        found["pi"] = found["p_i"]  # typed without its underscore, as any other symbol may be
    return Names(found, frozenset(functions))


def _takes_number(function: str, number: str) -> bool:
    return bool(re.fullmatch("[0-9]+", number)) and spelled(function) not in ("log", "sigma")
