"""An exam from a blueprint: choosing questions, arranging forms, rendering and writing them.

The modules are imported one by one (``from generator.assembly import assemble``), so that the
command line starts without scipy, pydantic or WeasyPrint.
"""
