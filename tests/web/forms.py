"""What a browser would send of a page's form, read from its HTML."""

from __future__ import annotations

from html.parser import HTMLParser


class _Forms(HTMLParser):
    def __init__(self) -> None:
        super().__init__()
        self.forms: dict[str, list[tuple[str, str]]] = {}
        self._form: list[tuple[str, str]] | None = None
        self._area: str | None = None
        self._select: tuple[str, list[str], list[str]] | None = None
        self._option: tuple[str | None, bool] | None = None
        self._text = ""

    def handle_starttag(self, tag, attrs):
        own = dict(attrs)
        if tag == "form":
            self._form = self.forms.setdefault(own["action"], [])
        if self._form is None:
            return
        if tag == "input" and "name" in own:
            if own.get("type") in ("checkbox", "radio") and "checked" not in own:
                return
            self._form.append((own["name"], own.get("value", "on")))
        elif tag == "textarea":
            self._area, self._text = own["name"], ""
        elif tag == "select":
            self._select = own["name"], [], []
        elif tag == "option":
            self._option, self._text = (own.get("value"), "selected" in own), ""

    def handle_data(self, data):
        self._text += data

    def handle_endtag(self, tag):
        if tag == "form":
            self._form = None
        elif tag == "textarea" and self._form is not None:
            # The first line break belongs to the markup.
            self._form.append((self._area, self._text.removeprefix("\n")))
        elif tag == "option" and self._select is not None and self._option is not None:
            value, selected = self._option
            _, everything, chosen = self._select
            text = self._text.strip() if value is None else value
            everything.append(text)
            if selected:
                chosen.append(text)
        elif tag == "select" and self._form is not None and self._select is not None:
            name, everything, chosen = self._select
            self._form.append((name, (chosen or everything)[0]))


def forms_of(page: str) -> dict[str, dict[str, list[str]]]:
    """Each form of a page by its action: the values of each field, as they would be sent."""
    parser = _Forms()
    parser.feed(page)
    found: dict[str, dict[str, list[str]]] = {}
    for action, pairs in parser.forms.items():
        for name, value in pairs:
            found.setdefault(action, {}).setdefault(name, []).append(value)
    return found
