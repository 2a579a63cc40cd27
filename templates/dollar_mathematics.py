"""The Markdown rule for formulas: `$...$` in a line, `$$...$$` on a line of its own, `\\$` a dollar.

A dollar sign that opens no formula is an error and never prints as it stands: a lost formula in an exam
costs more than an escaped dollar.
"""

from __future__ import annotations

from markdown_it import MarkdownIt
from markdown_it.rules_block import StateBlock
from markdown_it.rules_inline import StateInline

from templates.mathematics import MathError

INLINE = "math_inline"
DISPLAY = "math_display"


def dollar_mathematics(markdown: MarkdownIt) -> None:
    """Add the rules to a parser: tokens `math_inline` and `math_display` with the LaTeX as content."""
    markdown.inline.ruler.before("escape", INLINE, _inline)
    markdown.block.ruler.before(
        "fence", DISPLAY, _block, {"alt": ["paragraph", "reference", "blockquote", "list"]}
    )


def _inline(state: StateInline, silent: bool) -> bool:
    source, start = state.src, state.pos
    if source[start] != "$":
        return False
    mark = "$$" if source.startswith("$$", start) else "$"
    inside = start + len(mark)
    end = _closing(source, inside, mark)
    if end < 0:
        raise MathError(
            "this dollar sign opens no formula: write \\$ for a dollar", 1, source[start:]
        )
    latex = source[inside:end]
    if mark == "$" and latex != latex.strip():
        raise MathError(
            "a formula between dollar signs has a blank at its edge: remove it, or write \\$ for a dollar",
            1,
            latex,
        )
    if not silent:
        token = state.push(INLINE if mark == "$" else DISPLAY, "", 0)
        token.content = latex.strip()
    state.pos = end + len(mark)
    return True


def _block(state: StateBlock, first: int, last: int, silent: bool) -> bool:
    if state.is_code_block(first):
        return False
    start = state.bMarks[first] + state.tShift[first]
    if not state.src.startswith("$$", start):
        return False
    lines: list[str] = []
    for line in range(first, last):
        text = state.src[state.bMarks[line] + state.tShift[line] : state.eMarks[line]]
        if line > first and text and state.sCount[line] < state.blkIndent:
            break
        lines.append(text)
        end = _closing("\n".join(lines), 2, "$$")
        if end < 0:
            continue
        latex = "\n".join(lines)
        if latex[end + 2 :].strip():
            return False
        if silent:
            return True
        token = state.push(DISPLAY, "", 0)
        token.block = True
        token.content = latex[2:end].strip()
        token.map = [first, line + 1]
        state.line = line + 1
        return True
    raise MathError("these dollar signs open no formula: the closing $$ is missing", 1, lines[0])


def _closing(source: str, position: int, mark: str) -> int:
    while (position := source.find(mark, position)) >= 0:
        before = source[:position]
        if (len(before) - len(before.rstrip("\\"))) % 2 == 0:
            return position
        position += 1
    return -1
