"""What stands around Canvas's questions: the settings of each quiz, and the manifest."""

from __future__ import annotations

import xml.etree.ElementTree as ET
from collections.abc import Sequence

from generator.export.numbers import decimal
from generator.export.view import View
from generator.export.xml_writing import sub

CANVAS = "http://canvas.instructure.com/xsd/cccv1p0"
PACKAGE = "http://www.imsglobal.org/xsd/imsccv1p1/imscp_v1p1"
XSI = "http://www.w3.org/2001/XMLSchema-instance"


def meta(view: View, name: str) -> ET.Element:
    """Return the settings of a quiz: one attempt, no result and no solution to be seen, unpublished."""
    schema = f"{CANVAS} https://canvas.instructure.com/xsd/cccv1p0.xsd"
    root = ET.Element(
        "quiz", {"identifier": name, "xmlns": CANVAS, f"{{{XSI}}}schemaLocation": schema}
    )
    for setting, value in (
        ("title", f"{view.course}: {view.title} ({view.label})"),
        ("description", ""),
        ("shuffle_answers", "false"),
        ("scoring_policy", "keep_highest"),
        ("hide_results", "always"),
        ("quiz_type", "assignment"),
        ("points_possible", decimal(view.points)),
        ("show_correct_answers", "false"),
        ("time_limit", f"{view.time:g}"),
        ("allowed_attempts", "1"),
        ("one_question_at_a_time", "false"),
        ("cant_go_back", "false"),
        ("available", "false"),
    ):
        sub(root, setting, value)
    return root


def manifest(name: str, quizzes: Sequence[str], images: Sequence[str]) -> ET.Element:
    """Return the manifest of a package with these quizzes and pictures."""
    root = ET.Element(
        "manifest",
        {
            "identifier": name,
            "xmlns": PACKAGE,
            f"{{{XSI}}}schemaLocation": (f"{PACKAGE} http://www.imsglobal.org/xsd/imscp_v1p1.xsd"),
        },
    )
    metadata = sub(root, "metadata")
    sub(metadata, "schema", "IMS Content")
    sub(metadata, "schemaversion", "1.1.3")
    sub(root, "organizations")
    resources = sub(root, "resources")
    for quiz in quizzes:
        settings = f"{quiz}_meta"
        element = sub(resources, "resource", identifier=quiz, type="imsqti_xmlv1p2")
        sub(element, "file", href=f"{quiz}/{quiz}.xml")
        sub(element, "dependency", identifierref=settings)
        element = sub(
            resources,
            "resource",
            identifier=settings,
            type="associatedcontent/imscc_xmlv1p1/learning-application-resource",
            href=f"{quiz}/assessment_meta.xml",
        )
        sub(element, "file", href=f"{quiz}/assessment_meta.xml")
    for place, image in enumerate(images, 1):
        element = sub(
            resources, "resource", identifier=f"{name}_{place}", type="webcontent", href=image
        )
        sub(element, "file", href=image)
    return root
