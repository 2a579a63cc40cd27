"""A watched folder: what stands still is taken, once, with its moment; nothing that was dropped in is ever deleted."""

from __future__ import annotations

import os
import zipfile
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from grader.files import Outputs
from grader.hand_in.folder import STILL_BROKEN_S, STILL_S, Watched
from grader.hand_in.taken import EVERY_S
from grader.hand_in.whose import among
from leaderboard.queued import counts, standing
from leaderboard.store import open_store, submission_content
from question_bank.diagnostics import InputError

MOMENT = datetime(2020, 1, 15, 23, 58, 59, 123456, tzinfo=UTC)


@dataclass
class Hand:
    seconds: float = 1000.0
    said: list[str] = field(default_factory=list)

    def now(self) -> datetime:
        return MOMENT + timedelta(seconds=self.seconds - 1000)


@pytest.fixture
def hand() -> Hand:
    return Hand()


@pytest.fixture
def store():
    opened = open_store()
    yield opened
    opened.close()


def watching(folder, store, hand, assignment=lambda _path: ("exam", [])) -> Watched:
    made = Watched(
        folder,
        store,
        among(["w1", "w2"]),
        assignment,
        hand.said.append,
        lambda: hand.seconds,
        hand.now,
    )
    made.prepare()
    return made


@pytest.fixture
def inbox(tmp_path) -> Path:
    folder = tmp_path / "inbox"
    folder.mkdir()
    return folder


def drop(inbox: Path, name: str = "w1.zip", text: str = "x") -> bytes:
    with zipfile.ZipFile(inbox / name, "w") as archive:
        archive.writestr("answers.yaml", text)
    return (inbox / name).read_bytes()


def files(folder: Path) -> list[str]:
    return sorted(str(path.relative_to(folder)) for path in folder.rglob("*") if path.is_file())


def look(watched: Watched, hand: Hand, after: float = 0.0):
    hand.seconds += after
    return watched.look()


def test_a_file_that_stands_still_is_taken_with_its_moment(inbox, store, hand):
    content = drop(inbox)
    watched = watching(inbox, store, hand)
    assert look(watched, hand) == []
    (receipt,) = look(watched, hand, STILL_S)
    assert (receipt.user, receipt.assignment, receipt.filename) == ("w1", "exam", "w1.zip")
    assert receipt.received_at == hand.now()
    assert submission_content(store, receipt.number) == content
    assert files(inbox) == [f"taken/{receipt.number}-w1.zip"]
    assert look(watched, hand, 60) == []
    assert counts(store) == {"waiting": 1}


def test_a_file_that_still_grows_is_waited_for(inbox, store, hand):
    whole = drop(inbox)
    for size in (0, 40, 90):
        (inbox / "w1.zip").write_bytes(whole[:size])
        os.utime(inbox / "w1.zip", ns=(size, size))
        if size == 0:
            watched = watching(inbox, store, hand)
        assert look(watched, hand, STILL_S) == []
    (inbox / "w1.zip").write_bytes(whole)
    assert look(watched, hand, STILL_S) == []
    assert len(look(watched, hand, STILL_S)) == 1


def test_half_a_file_is_waited_for_longer_and_taken_as_it_is(inbox, store, hand):
    (inbox / "w1.zip").write_bytes(b"PK half")
    watched = watching(inbox, store, hand)
    look(watched, hand)
    assert look(watched, hand, STILL_BROKEN_S - 1) == []
    assert len(look(watched, hand, 1)) == 1


def stalled(inbox, store, hand, rest_later):
    """Half of a file comes, is taken, and the rest is written into the file that the writer has open."""
    whole = drop(inbox)
    with (inbox / "w1.zip").open("wb") as out:
        out.write(whole[:60])
        out.flush()
        watched = watching(inbox, store, hand)
        look(watched, hand)
        (first,) = look(watched, hand, STILL_BROKEN_S)
        assert submission_content(store, first.number) == whole[:60]
        return rest_later(watched, out, whole)


def test_a_transfer_that_goes_on_after_its_file_was_taken_is_taken_in_anew(inbox, store, hand):
    def rest(watched, out, whole):
        assert look(watched, hand, 60) == []
        out.write(whole[60:80])
        out.flush()
        assert look(watched, hand, EVERY_S) == [], "it still grows"
        out.write(whole[80:])
        out.flush()
        assert look(watched, hand, STILL_S) == []
        (second,) = look(watched, hand, STILL_S)
        return watched, whole, second

    watched, whole, second = stalled(inbox, store, hand, rest)
    assert (second.number, second.user, second.filename) == (2, "w1", "w1.zip")
    assert second.received_at == hand.now()
    assert submission_content(store, 2) == whole
    assert "w1.zip has changed since it was taken in as submission 1" in hand.said
    assert files(inbox) == ["taken/2-w1.zip"]
    for _ in range(5):
        assert look(watched, hand, 60) == []


@pytest.mark.parametrize("keeps_time", [False, True])
def test_what_went_on_while_nobody_watched_is_taken_in_anew_by_the_next_run(
    inbox, store, hand, keeps_time
):
    def rest(_watched, out, whole):
        out.write(whole[60:])
        out.flush()
        if keeps_time:
            os.utime(inbox / "taken" / "1-w1.zip", (1e9, 1e9))
        return whole

    whole = stalled(inbox, store, hand, rest)
    watched = watching(inbox, store, hand)
    look(watched, hand)
    (second,) = look(watched, hand, STILL_S)
    assert submission_content(store, second.number) == whole


def test_what_is_the_same_or_nobody_s_stays_in_the_folder_of_what_was_taken(inbox, store, hand):
    drop(inbox)
    watched = watching(inbox, store, hand)
    look(watched, hand)
    look(watched, hand, STILL_S)
    os.utime(inbox / "taken" / "1-w1.zip")
    for name in ("1-w2.zip", "99-w1.zip", "x-w1.zip", "w1.zip", "9" * 40 + "-w1.zip"):
        (inbox / "taken" / name).write_text("put there by somebody")
    there = files(inbox)
    for _ in range(4):
        assert look(watched, hand, STILL_BROKEN_S) == []
    assert files(inbox) == there
    (inbox / "taken" / "1-w1.zip").unlink()
    assert look(watched, hand, STILL_BROKEN_S) == []


@pytest.mark.parametrize(
    "name", [".w1.zip", "~w1.zip", "w1.zip.part", "w1.zip.crdownload", "w1.tmp"]
)
def test_what_is_on_its_way_is_left_alone(inbox, store, hand, name):
    drop(inbox, name)
    watched = watching(inbox, store, hand)
    look(watched, hand)
    assert look(watched, hand, 1000) == []
    assert files(inbox) == [name]
    (inbox / name).rename(inbox / "w1.zip")
    look(watched, hand)
    assert len(look(watched, hand, STILL_S)) == 1


def test_what_is_no_submission_stays_and_is_told_once(inbox, store, hand):
    (inbox / "notes.txt").write_text("x")
    (inbox / "folder.zip").mkdir()
    (inbox / "w1.zip").symlink_to("/etc/passwd")
    watched = watching(inbox, store, hand)
    for _ in range(3):
        assert look(watched, hand, 100) == []
    assert sorted(hand.said) == [
        "folder.zip is no submission and was passed over",
        "notes.txt is no submission and was passed over",
        "w1.zip is no submission and was passed over",
    ]
    assert (inbox / "w1.zip").is_symlink()


def test_nobody_s_file_is_set_aside_with_the_reason(inbox, store, hand):
    content = drop(inbox, "somebody\x1b[2J.zip")
    watched = watching(inbox, store, hand)
    look(watched, hand)
    assert look(watched, hand, STILL_S) == []
    (kept,) = [path for path in (inbox / "not-taken").iterdir() if path.suffix == ".zip"]
    assert kept.read_bytes() == content
    why = kept.with_name(f"{kept.name}.why.txt").read_text()
    assert "does not say who handed it in" in why
    assert "\x1b" not in why
    assert "\x1b" not in "".join(hand.said)
    assert counts(store) == {}


def test_a_name_that_comes_again_replaces_nothing(inbox, store, hand):
    watched = watching(inbox, store, hand)
    for text in ("one", "two"):
        drop(inbox, text=text)
        look(watched, hand)
        assert len(look(watched, hand, STILL_S)) == 1
    for text in ("x", "y"):
        drop(inbox, "nobody.zip", text)
        look(watched, hand)
        look(watched, hand, STILL_S)
    assert files(inbox) == [
        "not-taken/2-nobody.zip", "not-taken/2-nobody.zip.why.txt", "not-taken/nobody.zip",
        "not-taken/nobody.zip.why.txt", "taken/1-w1.zip", "taken/2-w1.zip",
    ]  # fmt: skip


@pytest.mark.parametrize(
    "name", ["w1\n99:99 all is well.zip", "nobody\n\x1b[2Jall is well.txt", "x\ny.zip"]
)
def test_no_name_begins_a_line_of_its_own(inbox, store, hand, name):
    drop(inbox, name)
    watched = watching(inbox, store, hand, lambda _path: (None, ["broken at\nw1.zip"]))
    look(watched, hand)
    look(watched, hand, STILL_S)
    assert hand.said
    assert all(line.isprintable() for line in hand.said)


def test_what_has_no_assignment_is_kept_and_refused(inbox, store, hand, tmp_path):
    drop(inbox)
    watched = watching(inbox, store, hand, lambda _path: (None, ["holds nothing that is known"]))
    watched.outputs = Outputs(tmp_path / "reports")
    look(watched, hand)
    (receipt,) = look(watched, hand, STILL_S)
    assert receipt.assignment == "unassigned"
    assert standing(store, receipt.number).told == ("holds nothing that is known",)
    assert standing(store, receipt.number).state == "refused"
    assert "w1.zip: refused: holds nothing that is known" in hand.said
    written = (tmp_path / "reports" / "w1" / "1.refused.txt").read_text()
    assert written == "submission 1 of w1, w1.zip: refused\nholds nothing that is known\n"


LONG = {
    "many bytes, few signs": "w1_" + "\u4f5c\u4e1a" * 40 + ".zip",
    "as long as a name can be": "w1_" + "x" * 248 + ".zip",
    "no text": "w1_" + "\udcff" * 230 + ".zip",
    "nobody's": "zz_" + "y" * 248 + ".zip",
    "nobody's, many bytes": "zz_" + "\u4f5c\u4e1a" * 41 + ".zip",
}


@pytest.mark.parametrize("name", LONG.values(), ids=LONG)
def test_however_long_a_name_is_its_file_is_taken_or_set_aside(inbox, store, hand, name):
    content = drop(inbox, name)
    whose = name[:2] if name.startswith("w1") else None
    watched = watching(inbox, store, hand)
    look(watched, hand)
    receipts = look(watched, hand, STILL_S)
    drop(inbox, "w2.zip")
    look(watched, hand)
    (other,) = look(watched, hand, STILL_S)
    assert other.user == "w2"
    assert files(inbox / ".taking") == []
    if whose is None:
        kept, why = sorted((inbox / "not-taken").iterdir(), key=lambda path: len(path.name))
        assert (receipts, why.name) == ([], f"{kept.name}.why.txt")
        assert name.startswith(kept.name.removesuffix(".zip"))
    else:
        (receipt,) = receipts
        (kept,) = (inbox / "taken").glob("1-*")
        assert (receipt.user, receipt.received_at) == (
            "w1",
            hand.now() - timedelta(seconds=STILL_S),
        )
        assert kept.name.startswith("1-w1_")
    assert kept.name.endswith(".zip")
    assert kept.read_bytes() == content


def test_a_long_name_that_comes_again_replaces_nothing(inbox, store, hand):
    watched = watching(inbox, store, hand)
    for text in ("x", "y", "z"):
        drop(inbox, LONG["nobody's"], text)
        look(watched, hand)
        look(watched, hand, STILL_S)
    assert len({path.read_bytes() for path in (inbox / "not-taken").glob("*.zip")}) == 3


def test_one_file_that_cannot_be_moved_keeps_nobody_else_from_being_taken(
    inbox, store, hand, monkeypatch
):
    drop(inbox, "w1.zip")
    drop(inbox, "w2.zip")
    genuine = Path.rename

    def rename(path, target):
        if path.name == "w1.zip":
            raise PermissionError(1, "Operation not permitted", str(path))
        return genuine(path, target)

    watched = watching(inbox, store, hand)
    look(watched, hand)
    with monkeypatch.context() as patched:
        patched.setattr(Path, "rename", rename)
        (receipt,) = look(watched, hand, STILL_S)
        assert (receipt.user, look(watched, hand), look(watched, hand)) == ("w2", [], [])
        told = [line for line in hand.said if "w1.zip" in line]
        assert told == [
            "w1.zip cannot be taken in: Operation not permitted; it is tried again",
        ]
        assert watched.is_quiet()
    assert [receipt.user for receipt in look(watched, hand)] == ["w1"]
    assert files(inbox / ".taking") == []


def test_a_folder_that_nothing_can_be_moved_in_is_told(inbox, store, hand):
    drop(inbox)
    watched = watching(inbox, store, hand)
    look(watched, hand)
    (inbox / "taken").rmdir()
    (inbox / "taken").write_text("in the way")
    with pytest.raises(InputError, match="cannot be watched"):
        look(watched, hand, STILL_S)


class Killed(BaseException):
    """Stands for kill -9: nothing runs after it."""


@pytest.mark.parametrize("moment", ["moved", "recorded"])
def test_killed_in_between_it_is_taken_by_the_next_run_with_its_moment(
    inbox, store, hand, monkeypatch, moment
):
    drop(inbox)
    watched = watching(inbox, store, hand)
    look(watched, hand)
    from grader.hand_in import folder

    genuine = folder.hand_in

    def killed(*words, **named):
        if moment == "recorded":
            genuine(*words, **named)
        raise Killed

    monkeypatch.setattr(folder, "hand_in", killed)
    with pytest.raises(Killed):
        look(watched, hand, STILL_S)
    taken_at = hand.now()
    monkeypatch.setattr(folder, "hand_in", genuine)
    drop(inbox, text="another one, dropped in since")
    hand.seconds += 3600
    (receipt,) = watching(inbox, store, hand).look()
    assert receipt.received_at == taken_at
    assert receipt.again == (moment == "recorded")
    assert counts(store) == {"waiting": 1}
    assert files(inbox) == [f"taken/{receipt.number}-w1.zip", "w1.zip"]


FORGED = "20200101T000000.000000Z-cafecafe"


@pytest.mark.parametrize("end", ["", "-" + "0" * 64], ids=["unsigned", "signed by nobody"])
def test_a_moment_that_we_did_not_write_is_not_believed(inbox, store, hand, end):
    watched = watching(inbox, store, hand)
    (inbox / ".taking" / f"{FORGED}{end}").mkdir()
    drop(inbox / ".taking" / f"{FORGED}{end}")
    (receipt,) = look(watched, hand)
    assert receipt.received_at == hand.now()
    assert any("it counts as taken now" in line for line in hand.said)
    assert files(inbox) == ["taken/1-w1.zip"]


@pytest.mark.parametrize(
    ("name", "changed", "believed"),
    [
        ("w1.zip", b"", True),
        ("w1.zip", b"better", False),
        ("w1_again.zip", b"", False),
        ("w2.zip", b"", False),
    ],
)
def test_a_moment_belongs_to_one_name_and_its_bytes(
    inbox, store, hand, monkeypatch, name, changed, believed
):
    """Whoever sees the name of a folder of ours gains nothing by it."""
    content = drop(inbox)
    watched = watching(inbox, store, hand)
    look(watched, hand)
    with monkeypatch.context() as patched:
        patched.setattr("grader.hand_in.folder.hand_in", lambda *_, **__: 1 / 0)
        with pytest.raises(ZeroDivisionError):
            look(watched, hand, STILL_S)
    then = hand.now()
    (left,) = (inbox / ".taking").iterdir()
    (left / "w1.zip").unlink()
    (left / name).write_bytes(content + changed)
    hand.seconds += 3600
    (receipt,) = watching(inbox, store, hand).look()
    assert receipt.received_at == (then if believed else hand.now())


def test_what_is_being_taken_is_open_to_nobody_else(inbox, store, hand):
    (inbox / ".taking").mkdir(mode=0o755)
    watching(inbox, store, hand)
    assert (inbox / ".taking").stat().st_mode & 0o777 == 0o700


@pytest.mark.skipif(os.geteuid() != 0, reason="only root can make a folder of somebody else's")
def test_a_folder_of_somebody_else_s_is_refused(inbox, store, hand):
    (inbox / ".taking").mkdir()
    os.chown(inbox / ".taking", 65534, 65534)
    with pytest.raises(InputError, match="made by somebody else"):
        watching(inbox, store, hand)


def test_a_folder_that_is_not_there_is_told(tmp_path, store, hand):
    with pytest.raises(InputError, match="there is no such folder"):
        watching(tmp_path / "none", store, hand)
