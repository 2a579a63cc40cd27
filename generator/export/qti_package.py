"""A package of QTI 2.1 or 3.0: items, a test for each form, the figures, and the manifest."""

from __future__ import annotations

import xml.etree.ElementTree as ET
from collections.abc import Sequence
from dataclasses import dataclass

from generator.export.archive import zipped
from generator.export.hypertext import MATHML
from generator.export.losses import Loss
from generator.export.numbers import decimal
from generator.export.qti_item import item
from generator.export.qti_names import IMAGES, ITEMS, identifier, item_name
from generator.export.qti_version3 import as_version3
from generator.export.view import View, figures_of
from generator.export.xml_writing import sub, written

_XSI = "http://www.w3.org/2001/XMLSchema-instance"


@dataclass(frozen=True)
class _Version:
    """What the versions call the same things."""

    namespace: str
    schema: str
    package: str
    package_schema: str
    item_type: str
    test_type: str
    name: str
    number: str


VERSION_21 = _Version(
    namespace="http://www.imsglobal.org/xsd/imsqti_v2p1",
    schema="http://www.imsglobal.org/xsd/qti/qtiv2p1/imsqti_v2p1.xsd",
    package="http://www.imsglobal.org/xsd/imscp_v1p1",
    package_schema="http://www.imsglobal.org/xsd/qti/qtiv2p1/qtiv2p1_imscpv1p2_v1p0.xsd",
    item_type="imsqti_item_xmlv2p1",
    test_type="imsqti_test_xmlv2p1",
    name="QTIv2.1 Package",
    number="1.0.0",
)
VERSION_30 = _Version(
    namespace="http://www.imsglobal.org/xsd/imsqtiasi_v3p0",
    schema="https://purl.imsglobal.org/spec/qti/v3p0/schema/xsd/imsqti_asiv3p0_v1p0.xsd",
    package="http://www.imsglobal.org/xsd/qti/qtiv3p0/imscp_v1p1",
    package_schema="https://purl.imsglobal.org/spec/qti/v3p0/schema/xsd/imsqtiv3p0_imscpv1p2_v1p0.xsd",
    item_type="imsqti_item_xmlv3p0",
    test_type="imsqti_test_xmlv3p0",
    name="QTI Package",
    number="3.0.0",
)


def qti21_package(views: Sequence[View]) -> tuple[bytes, list[Loss]]:
    """Write forms as a package of QTI 2.1. Returns the zip, and what it loses."""
    return _package(views, VERSION_21)


def qti3_package(views: Sequence[View]) -> tuple[bytes, list[Loss]]:
    """Write forms as a package of QTI 3.0. Returns the zip, and what it loses."""
    return _package(views, VERSION_30)


def _package(views: Sequence[View], version: _Version) -> tuple[bytes, list[Loss]]:
    files: dict[str, bytes] = {}
    losses: list[Loss] = []
    resources: list[_Resource] = []
    for view in views:
        references = []
        for question in view.questions:
            name = item_name(view, question)
            full = identifier(f"{view.name}-{view.tag}-{name}")
            element, lost = item(view, question, full)
            losses += lost
            file = f"{ITEMS}/{name}.xml"
            files[file] = _document(element, version)
            images = sorted({f"{IMAGES}/{figure.name}" for figure in figures_of(question)})
            resources.append(_Resource(full, version.item_type, file, tuple(images), ()))
            references.append((full, file))
        test = f"test-{view.label}.xml"
        files[test] = _document(_test(view), version)
        needs = tuple(full for full, _ in references)
        resources.append(
            _Resource(
                identifier(f"{view.name}-{view.tag}-{view.label}"),
                version.test_type,
                test,
                (),
                needs,
            )
        )
        for figure in view.figures().values():
            files[f"{IMAGES}/{figure.name}"] = figure.svg.encode()
    files["imsmanifest.xml"] = written(
        _manifest(f"{views[0].name}-{views[0].tag}", resources, version)
    )
    return zipped(files), losses


def _document(element: ET.Element, version: _Version) -> bytes:
    """Put an element into the version's words and namespace, and write it."""
    if version is VERSION_30:
        as_version3(element)
    else:
        # Who marks a response is said since version 2.2 alone.
        for declared in element.iter("outcomeDeclaration"):
            declared.attrib.pop("externalScored", None)
    ET.register_namespace("m", MATHML)
    ET.register_namespace("xsi", _XSI)
    element.set("xmlns", version.namespace)
    element.set(f"{{{_XSI}}}schemaLocation", f"{version.namespace} {version.schema}")
    return written(element)


def _test(view: View) -> ET.Element:
    test = ET.Element(
        "assessmentTest",
        {
            "identifier": identifier(f"{view.name}-{view.tag}-{view.label}"),
            "title": f"{view.title} ({view.label})",
            "toolName": "mockexam",
        },
    )
    for name, default in (("SCORE", "0"), ("MAXSCORE", decimal(view.points))):
        declared = sub(
            test, "outcomeDeclaration", identifier=name, cardinality="single", baseType="float"
        )
        sub(sub(declared, "defaultValue"), "value", default)
    sub(test, "timeLimits", maxTime=f"{view.time * 60:g}", allowLateSubmission="false")
    part = sub(
        test,
        "testPart",
        identifier="exam",
        navigationMode="nonlinear",
        submissionMode="simultaneous",
    )
    sub(
        part,
        "itemSessionControl",
        maxAttempts="1",
        showFeedback="false",
        allowReview="true",
        showSolution="false",
        allowSkipping="true",
    )
    for number, section in enumerate(view.sections, 1):
        holder = sub(
            part,
            "assessmentSection",
            identifier=f"section-{number}",
            title=section.title,
            visible="true",
        )
        for question in section.questions:
            name = item_name(view, question)
            sub(
                holder,
                "assessmentItemRef",
                identifier=identifier(f"{view.name}-{view.tag}-{name}"),
                href=f"{ITEMS}/{name}.xml",
            )
    scored = sub(sub(sub(test, "outcomeProcessing"), "setOutcomeValue", identifier="SCORE"), "sum")
    sub(scored, "testVariables", variableIdentifier="SCORE")
    return test


@dataclass(frozen=True)
class _Resource:
    identifier: str
    kind: str
    file: str
    more_files: tuple[str, ...]
    needs: tuple[str, ...]


def _manifest(name: str, resources: Sequence[_Resource], version: _Version) -> ET.Element:
    ET.register_namespace("xsi", _XSI)
    root = ET.Element(
        "manifest",
        {
            "xmlns": version.package,
            f"{{{_XSI}}}schemaLocation": f"{version.package} {version.package_schema}",
            "identifier": identifier(f"{name}-manifest"),
        },
    )
    metadata = sub(root, "metadata")
    sub(metadata, "schema", version.name)
    sub(metadata, "schemaversion", version.number)
    sub(root, "organizations")
    listed = sub(root, "resources")
    for resource in resources:
        element = sub(
            listed,
            "resource",
            identifier=resource.identifier,
            type=resource.kind,
            href=resource.file,
        )
        for file in (resource.file, *resource.more_files):
            sub(element, "file", href=file)
        for need in resource.needs:
            sub(element, "dependency", identifierref=need)
    return root
