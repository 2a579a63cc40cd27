"""An exam for other systems: Moodle XML, QTI 2.1 and 3.0, Canvas QTI 1.2, GIFT, and a page of HTML.

Each format has its module, which turns the neutral view of a form (`view`) into files and lists what
the format cannot keep (`losses`). `exporting` puts them together.
"""
