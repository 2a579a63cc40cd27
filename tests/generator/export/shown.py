"""What students see of an export before the answers are in: texts, and which kind of field stands where.

Read from the file with the eyes of the system that shows it; whatever is there to mark with is left aside.
"""

from __future__ import annotations

import re
import xml.etree.ElementTree as ET

from tests.generator.export.reading_canvas import NS, metadata
from tests.generator.export.reading_gift import back, pieces, question, weighed
from tests.generator.export.reading_moodle import GAP
from tests.generator.export.reading_qti import files_of, plain

Shown = list[str]
"""A line for each question, part or field."""


def in_moodle(content: bytes) -> Shown:
    found = []
    for each in ET.fromstring(content):
        if each.get("type") == "category":
            found.append(each.findtext("category/text"))
            continue
        found.append(f"{each.get('type')} {each.findtext('name/text')}")
        found.append(GAP.sub(cloze_field, each.findtext("questiontext/text")))
        settings = ("defaultgrade", "single", "shuffleanswers", "responsefieldlines")
        found += [f"{name} {each.findtext(name)}" for name in settings]
        found += [file.get("name") for file in each.iter("file")]
        if each.get("type") == "multichoice":
            found += [answer.findtext("text") for answer in each.iter("answer")]
    return found


def cloze_field(gap: re.Match[str]) -> str:
    """Moodle's field: a number's is as wide as the longest number in its list, a menu shows its letters."""
    answers = [re.sub(r"^(?:=|%-?[0-9.]+%)", "", one) for one in re.split(r"(?<!\\)~", gap[3])]
    if gap[2] == "NUMERICAL":
        return f"[{gap[1]} points, {max(len(one.partition(':')[0]) for one in answers)} wide]"
    return f"[{gap[1]} points, {' '.join(answers)}]"


def in_gift(content: bytes) -> Shown:
    found = []
    for block in filter(str.strip, re.split(r"\n\s*\n", content.decode())):
        if block.startswith("$CATEGORY:"):
            found.append(block)
            continue
        name, text, inside = pieces(block)
        kind = question(inside).kind
        found += [f"{kind} {name}", text]
        entries = re.findall(r"[=~]([^=~]*)", inside.partition("####")[0])
        if kind == "boxes":
            found += [weighed(body)[1] for body in entries]
        elif kind == "menus":
            sides = [back(body).split("->") for body in entries]
            found += [left.strip() for left, _ in sides if left.strip()]
            found.append(" ".join(sorted({right.strip() for _, right in sides})))
    return found


def in_qti(content: bytes) -> Shown:
    found = []
    for name, data in sorted(files_of(content).items()):
        found.append(name)
        if not name.endswith(".xml"):
            continue
        root = plain(ET.fromstring(data))
        if root.tag != "assessmentItem":
            found.append(data.decode())
            continue
        body = root.find("itemBody")
        for block in body.findall("rubricBlock"):
            assert block.get("view") == "scorer"
            body.remove(block)
        found += [root.get("title"), ET.tostring(body, encoding="unicode")]
    return found


def in_canvas(content: bytes) -> Shown:
    found = []
    for name, data in sorted(files_of(content).items()):
        found.append(name)
        folder, _, file = name.partition("/")
        if file != f"{folder}.xml":
            continue
        root = ET.fromstring(data)
        for element in root.iter():
            element.tag = element.tag.removeprefix(NS)
        for item in root.iter("item"):
            told = metadata(item)
            kind = told["question_type"]
            found += [f"{kind} {item.get('title')} {told['points_possible']}"]
            shown = item.find("presentation")
            if kind == "fill_in_multiple_blanks_question":
                # The spellings of a blank are there to compare with.
                for box in shown.iter("render_choice"):
                    box.clear()
            found.append(ET.tostring(shown, encoding="unicode"))
    return found


def in_html(content: bytes) -> Shown:
    return [content.decode()]


SHOWN = {
    "moodle": in_moodle,
    "gift": in_gift,
    "qti21": in_qti,
    "qti3": in_qti,
    "canvas": in_canvas,
    "html": in_html,
}
