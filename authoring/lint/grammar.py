"""Options that are not alike in grammar with the stem: the odd one gives itself away, as key or as filler."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence

from authoring.lint.findings import Finding
from authoring.lint.text import prose, sentences

_LAST_WORD = re.compile(r"([A-Za-z]+)[\s:…_.]*$")
_FIRST_WORD = re.compile(r"[\s*_(\"“]*([A-Za-z][\w'-]*)")
_VOWEL = re.compile(r"[aeiou]", re.IGNORECASE)
# Written with a vowel and spoken without, and the other way round.
_LIKE_CONSONANT = re.compile(r"(?:uni|use|usu|eu|one\b|once|u-)", re.IGNORECASE)
_LIKE_VOWEL = re.compile(r"(?:hour|hono|heir|[FHLMNRSX][A-Z\d-]*\b)")
_ONE_THING = frozenset({"a", "an", "one", "each"})
_SEVERAL = frozenset(
    {"two", "three", "four", "several", "many", "some", "both", "all", "these", "those"}
)
# Begin with a capital inside a sentence too.
_NAMES = frozenset(
    re.findall(
        r"\w+",
        "Adam Bayes Euclidean Gaussian Hessian Huber Jacobian Kaiming Laplace Nesterov Newton Python Xavier He",
    )
)


def unlike_options(stem: str, texts: Sequence[str]) -> Iterator[Finding]:
    """Articles, singular and plural, capitals, full stops and verb forms in which options differ."""
    asked = (sentences(stem) or [""])[-1]
    open_stem = not re.search(r"[?.!]\W*$", asked.replace("...", "").rstrip("_ "))
    faults = [*_ending(texts), *_capitals(texts), *_verb_forms(texts)]
    if open_stem:
        faults += [*_article(asked, texts), *_agreement(asked, texts)]
    for fault in faults:
        yield Finding("unlike-options", f"the options are not alike in grammar: {fault}", "error")


def _article(asked: str, texts: Sequence[str]) -> Iterator[str]:
    match = _LAST_WORD.search(asked)
    if match is None or match[1].lower() not in ("a", "an"):
        return
    wants_vowel = match[1].lower() == "an"
    for text in texts:
        first = _FIRST_WORD.match(text)
        if first and _spoken_with_vowel(first[1]) != wants_vowel:
            yield f'the stem ends in "{match[1]}", and an option begins with "{first[1]}"'
            return


def _spoken_with_vowel(word: str) -> bool:
    if _LIKE_VOWEL.match(word):
        return True
    return bool(_VOWEL.match(word)) and not _LIKE_CONSONANT.match(word)


def _agreement(asked: str, texts: Sequence[str]) -> Iterator[str]:
    match = _LAST_WORD.search(asked)
    verb = match[1].lower() if match else ""
    wrong = {"is": _SEVERAL, "was": _SEVERAL, "are": _ONE_THING, "were": _ONE_THING}.get(verb)
    for text in texts if wrong else ():
        first = _FIRST_WORD.match(text)
        if first and wrong and first[1].lower() in wrong:
            yield f'the stem ends in "{verb}", and an option begins with "{first[1]}"'
            return


def _ending(texts: Sequence[str]) -> Iterator[str]:
    ends = [text.rstrip("*_ \n").endswith(".") for text in texts if len(prose(text).split()) > 2]
    if ends and any(ends) and not all(ends):
        yield "some end in a full stop, others do not"


def _capitals(texts: Sequence[str]) -> Iterator[str]:
    small, large = [], []
    for text in texts:
        first = _FIRST_WORD.match(text)
        word = first[1] if first else ""
        if re.fullmatch(r"[a-z][a-z'-]+", word):
            small.append(word)
        elif re.fullmatch(r"[A-Z][a-z'-]+", word) and word.removesuffix("'s") not in _NAMES:
            large.append(word)
    if small and large:
        yield f'"{small[0]}" begins with a small letter, "{large[0]}" with a capital'


def _verb_forms(texts: Sequence[str]) -> Iterator[str]:
    """One option that leaves the form of all others: adding ..., multiplying ..., to square ..."""
    forms = [_form(text) for text in texts]
    for form in ("-ing", "to"):
        other = [place for place, found in enumerate(forms) if found != form]
        if len(texts) >= 3 and len(other) == 1:
            yield f'all begin with {"to ..." if form == "to" else "a verb in -ing"} but one: "{texts[other[0]]}"'


def _form(text: str) -> str:
    first = _FIRST_WORD.match(text)
    if first is None:
        return ""
    word = first[1].lower()
    return "-ing" if len(word) > 5 and word.endswith("ing") else "to" if word == "to" else ""
