"""What a file of each format has to look like: written from the formats' descriptions, not from what writes them.

Each function lists the faults of a file; a sound one has none.
"""

from __future__ import annotations

import re
import xml.etree.ElementTree as ET
from collections import Counter
from collections.abc import Iterator
from posixpath import dirname, join, normpath

from tests.generator.export.reading_gift import read_gift
from tests.generator.export.reading_moodle import NotLegal, legal
from tests.generator.export.reading_qti import HTML, files_of, plain

IDENTIFIER = re.compile(r"[A-Za-z_][A-Za-z0-9._-]*")
MATHML = "{http://www.w3.org/1998/Math/MathML}"
MOODLE_NEEDS = {
    "multichoice": {"single", "shuffleanswers", "answernumbering", "answer", "defaultgrade"},
    "numerical": {"answer", "defaultgrade"},
    "shortanswer": {"usecase", "answer", "defaultgrade"},
    "essay": {"responseformat", "graderinfo", "defaultgrade"},
    "cloze": set(),
}


def moodle_faults(content: bytes) -> Iterator[str]:
    root = ET.fromstring(content)
    names = Counter()
    for question in root:
        kind = question.get("type")
        if kind == "category":
            path = question.findtext("category/text")
            if not path.startswith("$course$/"):
                yield f"the category {path} is in no course"
            continue
        name = question.findtext("name/text")
        names[name] += 1
        if len(name) > 255:
            yield f"{name}: longer than Moodle's column"
        if kind not in MOODLE_NEEDS:
            yield f"{name}: Moodle knows no type {kind}"
            continue
        missing = MOODLE_NEEDS[kind] - {child.tag for child in question}
        if missing:
            yield f"{name}: lacks {missing}"
        yield from moodle_texts(name, question)
        for answer in question.iter("answer"):
            try:
                legal(answer.get("fraction"))
            except NotLegal:
                yield f"{name}: the fraction {answer.get('fraction')} is not legal"
        shares = [float(answer.get("fraction")) for answer in question.iter("answer")]
        if shares and kind != "multichoice" and max(shares) != 100:
            yield f"{name}: no answer earns everything"
    yield from (f"{name}: stands twice" for name, count in names.items() if count > 1)


def moodle_texts(name: str, question) -> Iterator[str]:
    for element in question.iter():
        if element.get("format") != "html":
            continue
        text = element.findtext("text") or ""
        try:
            ET.fromstring(f"<div>{text}</div>")
        except ET.ParseError as error:
            yield f"{name}: {element.tag} is not well-formed: {error}"
        wanted = set(re.findall(r"@@PLUGINFILE@@/([^\"]+)", text))
        there = {file.get("name") for file in element.findall("file")}
        if wanted != there:
            yield f"{name}: files {wanted} are named, {there} are there"


def gift_faults(content: bytes) -> Iterator[str]:
    try:
        read_gift(content)
    except (AssertionError, ET.ParseError, NotLegal) as error:
        yield str(error)


# What may stand within an element of QTI 2.1, by the information model; flow is HTML, MathML and interactions.
FLOW = HTML | {
    "textEntryInteraction",
    "inlineChoiceInteraction",
    "choiceInteraction",
    "extendedTextInteraction",
    "math",
    "#text",
}
EXPRESSIONS = {
    "variable", "correct", "baseValue", "match", "equal", "and", "not", "isNull", "member", "multiple", "mapResponse",
    "sum", "max", "product", "divide", "testVariables",
}  # fmt: skip
RULES = {"responseCondition", "setOutcomeValue"}
WITHIN = {
    "assessmentItem": {
        "responseDeclaration",
        "outcomeDeclaration",
        "itemBody",
        "responseProcessing",
        "modalFeedback",
    },
    "responseDeclaration": {"correctResponse", "mapping"},
    "outcomeDeclaration": {"defaultValue"},
    "correctResponse": {"value"},
    "defaultValue": {"value"},
    "mapping": {"mapEntry"},
    "itemBody": FLOW - {"#text"} | {"rubricBlock"},
    "choiceInteraction": {"simpleChoice"},
    "inlineChoiceInteraction": {"inlineChoice"},
    "responseProcessing": RULES,
    "responseCondition": {"responseIf", "responseElseIf", "responseElse"},
    "responseIf": RULES | EXPRESSIONS,
    "responseElseIf": RULES | EXPRESSIONS,
    "responseElse": RULES,
    "setOutcomeValue": EXPRESSIONS,
    "modalFeedback": FLOW,
    "rubricBlock": FLOW,
    "simpleChoice": FLOW,
    "contentBody": FLOW,
}
ORDER = [
    "responseDeclaration",
    "outcomeDeclaration",
    "itemBody",
    "responseProcessing",
    "modalFeedback",
]
BLOCKS = {
    "p",
    "div",
    "ul",
    "ol",
    "table",
    "pre",
    "blockquote",
    "choiceInteraction",
    "extendedTextInteraction",
}


def qti_faults(content: bytes, version: str) -> Iterator[str]:
    files = files_of(content)
    manifest = strip(ET.fromstring(files["imsmanifest.xml"]))
    listed = {file.get("href") for file in manifest.iter("file")}
    if listed | {"imsmanifest.xml"} != set(files):
        yield f"the manifest lists other files: {listed ^ set(files)}"
    resources = [resource.get("identifier") for resource in manifest.iter("resource")]
    yield from (f"{name}: two resources" for name, n in Counter(resources).items() if n > 1)
    for need in manifest.iter("dependency"):
        if need.get("identifierref") not in resources:
            yield f"{need.get('identifierref')}: no such resource"
    for name, data in files.items():
        if name.startswith("items/"):
            yield from (f"{name}: {fault}" for fault in item_faults(name, data, files, version))
        elif name.startswith("test-"):
            test = plain(ET.fromstring(data))
            references = [reference.get("href") for reference in test.iter("assessmentItemRef")]
            if set(references) - set(files) or len(set(references)) != len(references):
                yield f"{name}: items that are not there, or twice"


def strip(root):
    for element in root.iter():
        element.tag = element.tag.rpartition("}")[2]
    return root


def item_faults(file: str, data: bytes, files, version: str) -> Iterator[str]:
    root = ET.fromstring(data)
    namespace = {"2.1": "imsqti_v2p1", "3.0": "imsqtiasi_v3p0"}[version]
    for element in root.iter():
        space, _, name = element.tag.rpartition("}")
        if MATHML not in element.tag and not space.endswith(namespace):
            yield f"<{name}> is in the namespace {space}"
        ours = name.startswith("qti-") or name in HTML or MATHML in element.tag
        if version == "3.0" and not ours:
            yield f"<{name}> is no word of QTI 3.0"
    item = plain(root)
    children = [child.tag for child in item]
    if sorted(children, key=ORDER.index) != children:
        yield f"its elements stand in another order: {children}"
    for element in item.iter():
        allowed = WITHIN.get(element.tag)
        for child in element:
            if allowed is not None and child.tag not in allowed | {"contentBody"}:
                yield f"<{child.tag}> in <{element.tag}>"
            if element.tag == "p" and child.tag in BLOCKS:
                yield f"<{child.tag}> in a paragraph"
    yield from name_faults(item)
    for image in item.iter("img"):
        if not image.get("alt"):
            yield "a figure without alternative text"
        if normpath(join(dirname(file), image.get("src"))) not in files:
            yield f"{image.get('src')} is not there"


def name_faults(item) -> Iterator[str]:
    responses = {d.get("identifier") for d in item.iter("responseDeclaration")}
    outcomes = {d.get("identifier") for d in item.iter("outcomeDeclaration")}
    asked = [e.get("responseIdentifier") for e in item.iter() if e.get("responseIdentifier")]
    if sorted(asked) != sorted(responses):
        yield f"declared {responses}, asked for {asked}"
    for element in item.iter("variable"):
        if element.get("identifier") not in responses | outcomes:
            yield f"{element.get('identifier')} is not declared"
    shown = [feedback.get("identifier") for feedback in item.iter("modalFeedback")]
    raised = {
        value.text for value in item.iter("baseValue") if value.get("baseType") == "identifier"
    }
    choices = {
        e.get("identifier") for e in item.iter() if e.tag in ("simpleChoice", "inlineChoice")
    }
    if set(shown) - raised:
        yield f"{set(shown) - raised} is never shown"
    if raised - choices - set(shown):
        yield f"{raised - choices - set(shown)} names nothing"
    for name in [*responses, *outcomes, *shown, *choices, item.get("identifier")]:
        if not IDENTIFIER.fullmatch(name):
            yield f"{name} is no identifier"
    for box in item.iter("choiceInteraction"):
        inside = [choice.get("identifier") for choice in box]
        if len(set(inside)) != len(inside):
            yield "a choice stands twice"


QTI12 = {
    "item": {"itemmetadata", "presentation", "resprocessing", "itemfeedback"},
    "presentation": {"material", "response_lid", "response_str"},
    "response_lid": {"material", "render_choice"},
    "response_str": {"render_fib"},
    "resprocessing": {"outcomes", "respcondition"},
    "respcondition": {"conditionvar", "setvar", "displayfeedback"},
    "conditionvar": {"and", "or", "not", "varequal", "vargte", "varlte", "other"},
}


def canvas_faults(content: bytes) -> Iterator[str]:
    files = files_of(content)
    manifest = strip(ET.fromstring(files["imsmanifest.xml"]))
    listed = {file.get("href") for file in manifest.iter("file")}
    if listed | {"imsmanifest.xml"} != set(files):
        yield f"the manifest lists other files: {listed ^ set(files)}"
    needs = {need.get("identifierref") for need in manifest.iter("dependency")}
    if needs - {resource.get("identifier") for resource in manifest.iter("resource")}:
        yield "a dependency on nothing"
    for name, data in files.items():
        folder, _, file = name.partition("/")
        if file == f"{folder}.xml":
            root = strip(ET.fromstring(data))
            idents = Counter(item.get("ident") for item in root.iter("item"))
            yield from (f"{ident}: two items" for ident, n in idents.items() if n > 1)
            for item in root.iter("item"):
                yield from (f"{item.get('title')}: {fault}" for fault in canvas_item(item, files))


def canvas_item(item, files) -> Iterator[str]:
    for element in item.iter():
        for child in element:
            if element.tag in QTI12 and child.tag not in QTI12[element.tag]:
                yield f"<{child.tag}> in <{element.tag}>"
    boxes = {e.get("ident") for e in item.iter() if e.tag in ("response_lid", "response_str")}
    for element in item.iter():
        if element.get("respident") not in boxes | {None}:
            yield f"{element.get('respident')} is asked for nowhere"
    comments = {comment.get("ident") for comment in item.iter("itemfeedback")}
    shown = {each.get("linkrefid") for each in item.iter("displayfeedback")}
    if comments != shown:
        yield f"comments {comments}, shown {shown}"
    for text in item.iter("mattext"):
        if text.get("texttype") == "text/html":
            try:
                ET.fromstring(f"<div>{text.text or ''}</div>")
            except ET.ParseError as error:
                yield f"not well-formed: {error}"
            for image in re.findall(r"%24IMS-CC-FILEBASE%24/([^\"]+)", text.text or ""):
                if image not in files:
                    yield f"{image} is not there"
