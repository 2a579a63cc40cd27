"""Canvas: a package of QTI 1.2 with assessment_meta.xml, as Canvas exports its classic quizzes.

Each part of a question becomes a question of Canvas's. One number is a numerical question; several are
blanks, which Canvas compares as text, so that spellings are listed.
"""

from __future__ import annotations

import hashlib
import xml.etree.ElementTree as ET
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from generator.export.archive import zipped
from generator.export.asked import field_names, text_of
from generator.export.canvas_marking import blanks, choice, line_of_numbers, menus, number, person
from generator.export.canvas_package import manifest, meta
from generator.export.hypertext import escape, slim
from generator.export.losses import Loss
from generator.export.moodle import for_graders, part_name
from generator.export.numbers import decimal
from generator.export.responses import Choice, Fields, Person
from generator.export.shared_losses import loss, shared_losses
from generator.export.view import Figure, View, ViewPart, ViewQuestion
from generator.export.xml_writing import sub, written

QTI = "http://www.imsglobal.org/xsd/ims_qtiasiv1p2"
XSI = "http://www.w3.org/2001/XMLSchema-instance"
IMAGES = "images"
LONGEST_COMMENT = 5_000
"""Bytes. Canvas refuses a comment that is longer than 5 kB."""

Kinds = list[tuple[str, str]]


def canvas_package(views: Sequence[View]) -> tuple[bytes, list[Loss]]:
    """Write forms as a package for Canvas, a quiz each. Returns the zip, and what it loses."""
    ET.register_namespace("xsi", XSI)
    files: dict[str, bytes] = {}
    losses: list[Loss] = []
    for view in views:
        quiz = digest(view.name, view.tag, view.label)
        root, lost = _quiz(view, quiz)
        losses += lost
        files[f"{quiz}/{quiz}.xml"] = written(root)
        files[f"{quiz}/assessment_meta.xml"] = written(meta(view, quiz))
        for figure in view.figures().values():
            files[f"{IMAGES}/{figure.name}"] = figure.svg.encode()
    quizzes = [digest(view.name, view.tag, view.label) for view in views]
    images = sorted(name for name in files if name.startswith(f"{IMAGES}/"))
    package = manifest(digest(views[0].name, views[0].tag), quizzes, images)
    files["imsmanifest.xml"] = written(package)
    return zipped(files), losses


def digest(*parts: str) -> str:
    """Return a name as Canvas makes them: a g and 32 digits."""
    return "g" + hashlib.sha256("/".join(parts).encode()).hexdigest()[:32]


def _quiz(view: View, name: str) -> tuple[ET.Element, list[Loss]]:
    root = ET.Element(
        "questestinterop",
        {
            "xmlns": QTI,
            f"{{{XSI}}}schemaLocation": f"{QTI} http://www.imsglobal.org/xsd/ims_qtiasiv1p2p1.xsd",
        },
    )
    assessment = sub(root, "assessment", ident=name, title=f"{view.title} ({view.label})")
    metadata = sub(assessment, "qtimetadata")
    _entry(metadata, "qmd_timelimit", f"{view.time:g}")
    _entry(metadata, "cc_maxattempts", "1")
    section = sub(assessment, "section", ident="root_section")
    losses: list[Loss] = []
    for question in view.questions:
        losses += shared_losses(view, question)
        if len(question.parts) > 1:
            losses.append(loss(view, question, None, "parts"))
        for part in question.parts:
            element, kinds = _item(view, question, part)
            section.append(element)
            losses += [loss(view, question, part, kind, detail) for kind, detail in kinds]
    return root, losses


@dataclass(frozen=True)
class _Kind:
    """How Canvas calls a question, and the blanks in its text."""

    name: str
    more: str = ""


def _kind(view: View, part: ViewPart) -> _Kind:
    match part.response:
        case Choice():
            return _Kind("multiple_answers_question")
        case Person():
            return _Kind("essay_question")
        case Fields() as fields:
            if fields.on_one_line is not None:
                return _Kind("short_answer_question")
            if len(fields.fields) == 1 and not fields.menus:
                return _Kind("numerical_question")
            names = field_names(fields, view.language)
            gaps = "".join(
                f"<p>{escape(name)}: [entry{place}]</p>" for place, name in enumerate(names, 1)
            )
            name = (
                "multiple_dropdowns_question"
                if fields.menus
                else "fill_in_multiple_blanks_question"
            )
            return _Kind(name, gaps)


def _item(view: View, question: ViewQuestion, part: ViewPart) -> tuple[ET.Element, Kinds]:
    kind = _kind(view, part)
    name = part_name(view, question, part)
    ident = digest(view.name, view.tag, name)
    root = ET.Element("item", {"ident": ident, "title": name})
    metadata = sub(sub(root, "itemmetadata"), "qtimetadata")
    _entry(metadata, "question_type", kind.name)
    _entry(metadata, "points_possible", decimal(part.points))
    ids = _entry(metadata, "original_answer_ids", "")
    _entry(metadata, "assessment_question_identifierref", digest(ident, "question"))
    presentation = sub(root, "presentation")
    text = text_of(question, part, view.language, slim, _picture)
    _html(presentation, f"<div>{text}{kind.more}</div>")
    processing = ET.Element("resprocessing")
    sub(
        sub(processing, "outcomes"),
        "decvar",
        maxvalue="100",
        minvalue="0",
        varname="SCORE",
        vartype="Decimal",
    )
    general, too_long = _general(question, part)
    if general:
        _show_always(processing, "general_fb")
    comments, listed = _marking(presentation, processing, part)
    ids.text = ",".join(listed)
    root.append(processing)
    kinds = list(_lost(part))
    if too_long:
        kinds.append(("too_long", ""))
    if general:
        _comment(root, "general_fb", general)
    for shown, why in comments:
        _comment(root, shown, slim(why))
    return root, kinds


def _marking(
    presentation: ET.Element, processing: ET.Element, part: ViewPart
) -> tuple[list[tuple[str, str]], list[str]]:
    """Add how the question is answered and marked; returns comments by their names, and the ids of answers."""
    match part.response:
        case Choice() as options:
            return choice(presentation, processing, options)
        case Person():
            return person(presentation, processing)
        case Fields() as fields:
            if fields.on_one_line is not None:
                return line_of_numbers(presentation, processing, fields)
            if fields.menus:
                return menus(presentation, processing, fields)
            if len(fields.fields) == 1:
                return number(presentation, processing, fields)
            return blanks(presentation, processing, fields)


def _boxes_lost(options: Choice) -> str | None:
    """What Canvas's way to count boxes loses: each right one earns a share, each wrong one takes as much away."""
    right, wrong = options.counts
    if options.scheme == "all_or_nothing":
        return "all_or_nothing" if right > 1 else None
    if wrong and options.scheme != "partial":
        return "per_box" if options.scheme == "per_box" else "other_scheme"
    return "none_with_others" if right > 1 else None


def _lost(part: ViewPart) -> Iterator[tuple[str, str]]:
    match part.response:
        case Choice() as options:
            kind = _boxes_lost(options)
            if kind is not None:
                yield kind, ""
            if options.scheme == "negative" and options.counts[1]:
                yield "below_zero", ""
        case Fields() as fields:
            if fields.on_one_line is not None:
                yield "spelling", ""
            elif len(fields.fields) > 1:
                if not fields.menus:
                    yield "spelling", ""
                if fields.by_entry:
                    yield "neighbours" if fields.neighbours else "one_number", ""
                else:
                    yield "list_all_or_nothing", ""
            if fields.missteps:
                yield "mistakes", ""
            if any(misstep.credit for misstep in fields.missteps):
                yield "mistake_credit", "a named mistake earns nothing"
        case Person():
            pass


def _general(question: ViewQuestion, part: ViewPart) -> tuple[str, bool]:
    """The worked solution, with what a person needs to mark; and whether it had to be left out."""
    solution = slim("\n\n".join(filter(None, [part.solution, question.solution])))
    needed = for_graders(part, part.response) if isinstance(part.response, Person) else ""
    whole = (needed + solution).strip()
    if len(whole.encode()) <= LONGEST_COMMENT:
        return whole, False
    return (needed if len(needed.encode()) <= LONGEST_COMMENT else ""), True


def _entry(metadata: ET.Element, label: str, entry: str) -> ET.Element:
    field = sub(metadata, "qtimetadatafield")
    sub(field, "fieldlabel", label)
    return sub(field, "fieldentry", entry)


def _html(parent: ET.Element, text: str) -> None:
    sub(sub(parent, "material"), "mattext", text, texttype="text/html")


def _show_always(processing: ET.Element, name: str) -> None:
    condition = ET.SubElement(processing, "respcondition", {"continue": "Yes"})
    sub(sub(condition, "conditionvar"), "other")
    sub(condition, "displayfeedback", feedbacktype="Response", linkrefid=name)


def _comment(root: ET.Element, name: str, text: str) -> None:
    _html(sub(sub(root, "itemfeedback", ident=name), "flow_mat"), text)


def _picture(figure: Figure) -> str:
    # Canvas puts the address of its own copy in the place of this name.
    source = f"%24IMS-CC-FILEBASE%24/{IMAGES}/{figure.name}"
    return f'<p><img src="{source}" alt="{escape(figure.alt)}" /></p>'
