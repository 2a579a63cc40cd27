"""Templates and assets of the shell, and how a room's own join them."""

from __future__ import annotations

import hashlib
import mimetypes
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from jinja2 import ChoiceLoader, FileSystemLoader, PrefixLoader
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route, Router

from web.problems import problem_of

if TYPE_CHECKING:
    from jinja2 import Environment

    from web.site import Site

FOLDER = Path(__file__).parent
YEAR_S = 365 * 24 * 3600


@dataclass(frozen=True)
class Asset:
    """A file that browsers load: style sheet, script, picture. `version` changes with its bytes."""

    content: bytes = b""
    kind: str = "text/plain"
    version: str = ""


def joined(environment: Environment) -> Environment:
    """The room's environment, in which the shell's templates are found as `web/...` too."""
    shell = PrefixLoader({"web": FileSystemLoader(FOLDER / "pages")})
    loaders = [shell] if environment.loader is None else [shell, environment.loader]
    return environment.overlay(loader=ChoiceLoader(loaders))


def assets(*files: Path) -> Mapping[str, Asset]:
    """The shell's assets and a room's own, by file name."""
    found = {}
    for file in (*sorted((FOLDER / "assets").iterdir()), *files):
        content = file.read_bytes()
        kind = mimetypes.guess_type(file.name)[0] or "application/octet-stream"
        if kind.startswith("text/"):
            kind += "; charset=utf-8"
        found[file.name] = Asset(content, kind, hashlib.sha256(content).hexdigest()[:12])
    return found


def asset_files(site: Site) -> Router:
    """An app that answers with the assets, to be mounted at /assets."""

    async def answer(request: Request) -> Response:
        asset = site.assets.get(request.path_params["name"])
        if asset is None:
            raise problem_of(404)
        return Response(
            asset.content,
            media_type=asset.kind,
            headers={"cache-control": f"public, max-age={YEAR_S}, immutable"},
        )

    return Router([Route("/{name}", answer)])
