"""Reads packages of QTI 2.1 and 3.0, and runs the response processing of their items."""

from __future__ import annotations

import io
import re
import xml.etree.ElementTree as ET
import zipfile
from collections import Counter

from tests.generator.export.reading import Answer, Place, Places

HTML = frozenset(
    [
        "a",
        "blockquote",
        "br",
        "code",
        "div",
        "em",
        "img",
        "li",
        "ol",
        "p",
        "pre",
        "span",
        "strong",
        "table",
        "tbody",
        "td",
        "th",
        "thead",
        "tr",
        "ul",
    ]
)


def files_of(content: bytes) -> dict[str, bytes]:
    with zipfile.ZipFile(io.BytesIO(content)) as archive:
        assert archive.testzip() is None
        return {name: archive.read(name) for name in archive.namelist()}


def plain(element: ET.Element) -> ET.Element:
    """The element in the words of QTI 2.1, without namespaces."""
    for each in element.iter():
        name = each.tag.rpartition("}")[2]
        if name.startswith("qti-"):
            name = camel(name[4:])
            each.attrib = {camel(k): v for k, v in each.attrib.items()}
        each.tag = name
    return element


def camel(name: str) -> str:
    return name if "}" in name else re.sub(r"-([a-z])", lambda m: m[1].upper(), name)


def read_qti(content: bytes) -> Places:
    places: Places = {}
    for name, data in files_of(content).items():
        if name.startswith("items/"):
            form, _, number = name.removeprefix("items/").removesuffix(".xml").partition("-")
            item = plain(ET.fromstring(data))
            parts = [div for div in item.find("itemBody") if div.get("class") == "part"]
            for place, part in enumerate(parts):
                letter = "abcdefghijkl"[place] if len(parts) > 1 else ""
                places[form, f"{int(number)}{letter}"] = place_of(item, part)
    return places


KINDS = {
    "choiceInteraction": "boxes",
    "textEntryInteraction": "gaps",
    "inlineChoiceInteraction": "menus",
    "extendedTextInteraction": "person",
}


def place_of(item: ET.Element, part: ET.Element) -> Place:
    asked = [each for each in part.iter() if each.tag in KINDS]
    (kind,) = {KINDS[each.tag] for each in asked}
    names = [each.get("responseIdentifier") for each in asked]
    declared = {d.get("identifier"): d for d in item.iter("responseDeclaration")}
    if kind == "gaps" and len(names) == 1:
        kind = "number"

    def earned(answer: Answer) -> float | None:
        if kind == "person":
            return None
        if kind == "boxes":
            given = {names[0]: Counter(answer) or None}
        else:
            given = {
                name: typed_as(declared[name], typed)
                for name, typed in zip(names, answer, strict=True)
            }
        return Engine(item, given).run()["SCORE"] / most

    # What a right answer to this part alone earns is the most that it can.
    most = 1.0
    if kind != "person":
        right = {
            name: (
                Counter(value.text for value in declared[name].iter("value"))
                if kind == "boxes"
                else typed_as(declared[name], declared[name].findtext("correctResponse/value"))
            )
            for name in names
        }
        most = Engine(item, right).run()["SCORE"]
        assert most > 0
    return Place(kind, len(names), most, earned)


def typed_as(declared: ET.Element, text: str):
    if not text.strip():
        return None
    if declared.get("baseType") == "float":
        try:
            return float(text)
        except ValueError:
            return None
    return text


class Engine:
    """The part of QTI's response processing that marks: numbers, identifiers, and containers of them."""

    def __init__(self, item: ET.Element, given) -> None:
        self.item = item
        self.declared = {d.get("identifier"): d for d in item.iter("responseDeclaration")}
        self.values = {name: given.get(name) for name in self.declared}
        for outcome in item.iter("outcomeDeclaration"):
            default = outcome.findtext("defaultValue/value")
            numeric = outcome.get("baseType") == "float"
            self.values[outcome.get("identifier")] = float(default) if numeric and default else None
        self.outcomes = {d.get("identifier") for d in item.iter("outcomeDeclaration")}

    def run(self):
        self.rules(self.item.find("responseProcessing"))
        return self.values

    def rules(self, parent) -> None:
        for rule in parent:
            if rule.tag == "setOutcomeValue":
                assert rule.get("identifier") in self.outcomes
                self.values[rule.get("identifier")] = self.value(rule[0])
            elif rule.tag == "responseCondition":
                self.condition(rule)

    def condition(self, condition) -> None:
        for branch in condition:
            if branch.tag == "responseElse":
                self.rules(branch)
                return
            if self.value(branch[0]) is True:
                self.rules(list(branch)[1:])
                return

    def value(self, node):
        return getattr(self, f"do_{node.tag}")(node)

    def numbers(self, node):
        found = [self.value(child) for child in node]
        return None if any(v is None for v in found) else found

    def do_variable(self, node):
        return self.values[node.get("identifier")]

    def do_correct(self, node):
        declared = self.declared[node.get("identifier")]
        values = [v.text for v in declared.find("correctResponse")]
        if declared.get("cardinality") == "multiple":
            return Counter(values) or None
        return typed_as(declared, values[0])

    def do_baseValue(self, node):
        return float(node.text) if node.get("baseType") == "float" else node.text

    def do_match(self, node):
        both = self.numbers(node)
        return None if both is None else both[0] == both[1]

    def do_equal(self, node):
        both = self.numbers(node)
        if both is None:
            return None
        response, wanted = both
        if node.get("toleranceMode") == "exact":
            return response == wanted
        below, above = map(float, node.get("tolerance").split())
        return wanted - below <= response <= wanted + above

    def do_and(self, node):
        found = [self.value(child) for child in node]
        if False in found:
            return False
        return None if None in found else True

    def do_not(self, node):
        found = self.value(node[0])
        return None if found is None else not found

    def do_isNull(self, node):
        return self.value(node[0]) is None

    def do_member(self, node):
        both = self.numbers(node)
        return None if both is None else both[1][both[0]] > 0

    def do_multiple(self, node):
        whole = Counter()
        for child in node:
            value = self.value(child)
            if value is not None:
                whole += value if isinstance(value, Counter) else Counter([value])
        return whole or None

    def do_mapResponse(self, node):
        chosen = self.values[node.get("identifier")]
        mapping = self.declared[node.get("identifier")].find("mapping")
        entries = {e.get("mapKey"): float(e.get("mappedValue")) for e in mapping}
        total = sum(entries.get(key, float(mapping.get("defaultValue"))) for key in chosen or ())
        return max(total, float(mapping.get("lowerBound", "-inf")))

    def do_sum(self, node):
        found = self.numbers(node)
        return None if found is None else sum(found)

    def do_max(self, node):
        found = self.numbers(node)
        return None if found is None else max(found)

    def do_product(self, node):
        found = self.numbers(node)
        if found is None:
            return None
        whole = 1.0
        for number in found:
            whole *= number
        return whole

    def do_divide(self, node):
        found = self.numbers(node)
        return None if found is None or found[1] == 0 else found[0] / found[1]
