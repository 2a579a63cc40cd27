"""Text for terminals that know ASCII alone: mathematics spelled as people type it, nothing turned into `?`."""

from __future__ import annotations

import re
import unicodedata

_RAISED = dict(zip("⁰¹²³⁴⁵⁶⁷⁸⁹⁺⁻⁽⁾ⁿⁱᵀᵗ", "0123456789+-()niTt", strict=True))
_LOWERED = dict(
    zip("₀₁₂₃₄₅₆₇₈₉₊₋₍₎ᵢⱼₖₙₘₜₓₐₑₗₚₛᵣᵤᵥₕₒ", "0123456789+-()ijknmtxaelpsruvho", strict=True)
)
_SIGNS = {
    "−": "-", "–": "-", "—": "-", "‐": "-", "‑": "-", "·": "*", "⋅": "*", "×": "x", "÷": "/",
    "⊙": " .* ", "∘": " o ", "⊗": " (x) ", "⊕": " (+) ", "∗": "*",
    "≈": "~=", "≠": "!=", "≤": "<=", "≥": ">=", "≪": "<<", "≫": ">>", "≡": "==", "∼": "~",
    "∝": " prop. to ", "±": "+-", "→": "->", "←": "<-", "↦": "|->", "⇒": "=>", "⇔": "<=>", "↔": "<->",
    "⟹": "=>", "⟸": "<=", "⟺": "<=>", "⟶": "->", "⟵": "<-", "↑": "up", "↓": "down", "≔": ":=", "⊥": " orthogonal to ",
    "∂": "d", "∇": "grad ", "∑": "sum", "∏": "prod", "∫": "int ", "√": "sqrt", "∛": "cbrt", "∜": "fourth root ",
    "∞": "inf", "∈": " in ", "∉": " not in ", "∪": " or ", "∩": " and ", "⊂": " subset of ", "⊆": " subset of ",
    "∅": "{}", "∀": "for all ", "∃": "there is ", "‖": "||", "∥": "||", "∣": "|", "⌊": "floor(", "⌋": ")", "⌈": "ceil(",
    "⌉": ")", "⟨": "<", "⟩": ">", "′": "'", "″": "''", "…": "...", "⋯": "...", "⋮": ":", "⋱": "...",
    "°": " deg", "ℝ": "R", "ℓ": "l", "ϵ": "epsilon", "ϕ": "phi", "ϑ": "theta", "⊤": "^T", "µ": "mu",
    "‘": "'", "’": "'", "“": '"', "”": '"', "„": '"', "•": "-", "¬": "not ", "∧": " and ", "∨": " or ",
    "█": "#", "▌": "#", "░": ".", "─": "-", "│": "|", "ß": "ss", "½": "1/2", "¼": "1/4", "¾": "3/4",
}  # fmt: skip
_SPACED = tuple(piece for piece in _SIGNS.values() if piece.endswith(" "))
# Over a letter these have a meaning in formulas; accents of names are dropped.
_MARKS = {"\u0302": "_hat", "\u0303": "_tilde", "\u0304": "_bar", "\u0305": "_bar"}
_RUNS = re.compile(f"([{''.join(_RAISED)}]+)|([{''.join(_LOWERED)}]+)")
_GREEK = re.compile(r"^GREEK (SMALL|CAPITAL) LETTER (?:FINAL )?(\w+)$")


def to_ascii(text: str) -> str:
    """The text in ASCII: `h₂²` as `h_2^2`, Greek letters by name, accents dropped; what is left as U+XXXX."""
    if text.isascii():
        return text
    text = _RUNS.sub(_script, unicodedata.normalize("NFC", text))
    found = ""
    for letter in text:
        piece = letter if letter.isascii() else _spelled(letter)
        # Words for signs bring blanks; where there are some, they are enough.
        if (found.endswith(" ") or not found) and not letter.isascii():
            piece = piece.lstrip(" ")
        if letter == " " and found.endswith(_SPACED):
            continue
        found += piece
    return found


def _script(found: re.Match[str]) -> str:
    raised, lowered = found.groups()
    plain = "".join((_RAISED if raised else _LOWERED)[letter] for letter in raised or lowered)
    return ("^" if raised else "_") + (plain if len(plain) == 1 else f"{{{plain}}}")


def _spelled(letter: str) -> str:
    if letter in _SIGNS:
        return _SIGNS[letter]
    greek = _GREEK.match(unicodedata.name(letter, ""))
    if greek is not None:
        name = {"LAMDA": "lambda"}.get(greek[2], greek[2].lower())
        return name if greek[1] == "SMALL" else name.capitalize()
    if letter in _MARKS:
        return _MARKS[letter]
    if unicodedata.category(letter) in ("Mn", "Cf"):
        return ""
    apart = unicodedata.normalize("NFKD", letter)
    if apart == letter:
        return f"U+{ord(letter):04X}"
    return "".join(c if c.isascii() else _spelled(c) for c in apart)
