"""The commands of a class: links, revoking, and what cannot be meant."""

from __future__ import annotations

import csv
import io
import shlex
import stat
from pathlib import Path

import pytest
import yaml

from tests.quiz.test_command import run

MISUSE = yaml.safe_load(Path(__file__).with_name("misuse.yaml").read_text(encoding="utf-8"))
ROSTER = "user,name,id\nw0256,Ada Lovelace,03712345\nw0257,=1+1,2\n"


@pytest.fixture
def folder(tmp_path) -> Path:
    (tmp_path / "class.csv").write_text(ROSTER, encoding="utf-8")
    return tmp_path


def rows_of(text: str) -> list[dict[str, str]]:
    return list(csv.DictReader(io.StringIO(text)))


@pytest.mark.parametrize("case", MISUSE, ids=lambda case: case["line"])
def test_misuse_gets_one_clear_line(folder, case):
    done = run(*shlex.split(case["line"]), cwd=folder)
    told = done.stderr.decode()
    assert done.returncode == 2, told
    assert case["says"] in told
    assert len(told.strip().splitlines()) == 1
    assert done.stdout == b""


def test_links_are_written_once_and_for_their_owner_alone(folder):
    line = ["serve", "links", "--data", folder / "data", "--roster", "class.csv"]
    line += ["--instructor", "prof", "--public-url", "https://x.example/dl/", "-o", "links.csv"]
    done = run(*line, cwd=folder)
    assert done.returncode == 0
    assert done.stdout == b""
    file = folder / "links.csv"
    assert stat.S_IMODE(file.stat().st_mode) == 0o600
    rows = rows_of(file.read_text(encoding="utf-8"))
    assert [row["user"] for row in rows] == ["w0256", "w0257", "prof"]
    assert [row["name"] for row in rows] == ["Ada Lovelace", "'=1+1", ""]
    assert all(row["link"].startswith("https://x.example/dl/enter?pass=") for row in rows)
    for one in (rows[0]["code"], rows[0]["link"]):
        assert one.encode() not in done.stderr
        assert all(one.encode() not in each.read_bytes() for each in (folder / "data").iterdir())
    again = run(*line[:-2], cwd=folder)
    assert rows_of(again.stdout.decode()) == []
    assert b"0 links" in again.stderr
    assert b"3 others had one already" in again.stderr


def test_codes_that_are_good_are_not_written_over(folder):
    line = ["serve", "links", "--data", folder / "data", "--roster", "class.csv", "-o", "links.csv"]
    assert run(*line, cwd=folder).returncode == 0
    file, first = folder / "links.csv", (folder / "links.csv").read_text()
    again = run(*line, cwd=folder)
    assert (again.returncode, file.read_text()) == (0, first), "nobody needs one"
    with (folder / "class.csv").open("a") as roster:
        roster.write("w0258,Grace,3\n")
    larger = run(*line, cwd=folder)
    assert (larger.returncode, file.read_text()) == (2, first)
    assert b"codes-there" in larger.stderr
    assert b"holds what w0256, w0257 would lose" in larger.stderr
    other = [*line[:-1], "more.csv"]
    assert run(*other, cwd=folder).returncode == 0
    assert [row["user"] for row in rows_of((folder / "more.csv").read_text())] == ["w0258"]
    renewed = run(*line, "--renew", cwd=folder)
    assert renewed.returncode == 0, "all whom it names get new ones"
    assert len(rows_of(file.read_text())) == 3
    (folder / "more.csv").write_text("no table of links\nat all\n")
    assert run(*other, "--renew", cwd=folder).returncode == 2


def test_new_links_for_some_or_for_all(folder):
    line = ["serve", "--data", folder / "data", "links", "--roster", "class.csv"]
    first = rows_of(run(*line, cwd=folder).stdout.decode())
    renewed = rows_of(run(*line, "--renew", cwd=folder).stdout.decode())
    assert [row["user"] for row in renewed] == [row["user"] for row in first]
    assert not {row["link"] for row in renewed} & {row["link"] for row in first}
    one = run("serve", "links", "--data", folder / "data", "--user", "w0257", cwd=folder)
    assert [row["user"] for row in rows_of(one.stdout.decode())] == ["w0257"]


def test_revoking_is_told(folder):
    data = ["--data", folder / "data"]
    run("serve", "links", *data, "--roster", "class.csv", cwd=folder)
    done = run("serve", "revoke", *data, "--user", "w0256", cwd=folder)
    assert (done.returncode, done.stderr) == (0, b"revoked: w0256\n")
    unknown = run("serve", "revoke", *data, "--user", "w0258", cwd=folder)
    assert unknown.returncode == 2
    assert b'did you mean "w0256"' in unknown.stderr or b'did you mean "w0257"' in unknown.stderr


def test_a_port_that_is_taken(folder):
    import socket

    data = ["--data", folder / "data"]
    run("serve", "links", *data, "--roster", "class.csv", cwd=folder)
    for option in (0, socket.SO_REUSEPORT):
        with socket.socket() as other:
            if option:
                other.setsockopt(socket.SOL_SOCKET, option, 1)
            other.bind(("127.0.0.1", 0))
            other.listen()
            done = run("serve", *data, "--port", other.getsockname()[1], cwd=folder)
        assert done.returncode == 2
        assert b"cannot be used" in done.stderr
