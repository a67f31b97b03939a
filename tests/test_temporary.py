"""Temporary files go with their process, however it ends."""

import errno
import gc
import os
import signal
import subprocess
import sys
import tempfile
from pathlib import Path

import pytest

from linkgap import temporary
from linkgap.drafts import whole_file
from linkgap.engine import Engine
from linkgap.temporary import TemporaryFolder, sweep

AT_WORK = """
from linkgap.engine import Engine
engine = Engine(memory_limit="100MB", threads=1)
engine.run("CREATE TABLE big AS SELECT range AS a, hash(range) AS b FROM range(10_000_000)")
assert any((engine.folder / "spill").iterdir())
print(engine.folder, flush=True)
input()
"""


KILLED_AT_WRITING = """
import os, pathlib, signal, sys
from linkgap.drafts import whole_file
with whole_file(pathlib.Path(sys.argv[1]), overwrite=False) as draft:
    draft.touch()
    os.kill(os.getpid(), signal.SIGKILL)
"""


@pytest.fixture(autouse=True)
def temporary_place(tmp_path, monkeypatch):
    """Folders are made here, where no other process sweeps."""
    monkeypatch.setenv("TMPDIR", str(tmp_path))
    monkeypatch.setattr(tempfile, "tempdir", None)
    return tmp_path


@pytest.fixture
def at_work(tmp_path_factory):
    program = tmp_path_factory.mktemp("program") / "at_work.py"
    program.write_text(AT_WORK)
    with subprocess.Popen([sys.executable, program], stdin=subprocess.PIPE, stdout=subprocess.PIPE) as process:
        yield process, Path(process.stdout.readline().decode().strip())
        process.kill()


def test_after_a_kill_the_next_one_clears_up(at_work, temporary_place):
    process, folder = at_work
    assert any((folder / "spill").iterdir())
    engine = Engine()
    assert folder.is_dir(), "a folder in use was taken away"
    process.send_signal(signal.SIGKILL)
    process.wait()
    assert folder.is_dir(), "nothing is left to clear up: this test shows nothing"
    other = Engine()
    assert not folder.exists()
    assert engine.folder.is_dir()
    assert other.folder.is_dir()
    del engine, other
    gc.collect()
    assert list(temporary_place.iterdir()) == []


def test_a_process_that_ends_leaves_nothing(at_work, temporary_place):
    process, folder = at_work
    process.communicate(b"\n")
    assert process.returncode == 0
    assert not folder.exists()
    assert list(temporary_place.iterdir()) == []


def test_a_draft_that_a_killed_process_left_goes_with_the_next(tmp_path):
    """It would be a hidden file with the user's links, beside those that the user knows of."""
    killed = subprocess.run([sys.executable, "-c", KILLED_AT_WRITING, tmp_path / "a.csv"], check=False)
    assert killed.returncode == -signal.SIGKILL
    assert list(tmp_path.rglob("draft")), "nothing is left to clear up: this test shows nothing"
    with whole_file(tmp_path / "b.csv", overwrite=False) as draft:
        draft.touch()
    assert [path.name for path in tmp_path.iterdir()] == ["b.csv"]


def test_on_a_full_disk_there_are_folders_that_leave_nothing(temporary_place, monkeypatch):
    def refuse(*_: object) -> None:
        raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))

    tempfile.gettempdir()  # tries to write
    monkeypatch.setattr(os, "write", refuse)
    assert Engine().rows("SELECT 1") == [(1,)]
    with TemporaryFolder() as folder:
        sweep()
        assert folder.is_dir()
    gc.collect()
    assert list(temporary_place.iterdir()) == []


def test_other_folders_are_left_alone(temporary_place):
    for name in (".linkgap-notes", ".linkgap-demo"):
        (temporary_place / name).mkdir()
        (temporary_place / name / "kept").touch()
    just_made, elsewhere = temporary_place / ".linkgap-new", temporary_place / "elsewhere"
    for folder, text in ((just_made, ""), (elsewhere, "locked")):
        folder.mkdir()
        (folder / "in-use").write_text(text)
    (temporary_place / ".linkgap-link").symlink_to(elsewhere)
    sweep()
    assert len(list(temporary_place.rglob("*"))) == 9


@pytest.mark.skipif(sys.platform == "win32", reason="there, files that are open can't be removed")
def test_where_nothing_can_be_locked_nothing_is_swept(monkeypatch):
    import fcntl

    def refuse(*_: object) -> None:
        raise OSError(95, os.strerror(95))

    monkeypatch.setattr(fcntl, "flock", refuse)
    folder = TemporaryFolder()
    temporary.sweep()
    assert folder.path.is_dir()
    folder.cleanup()
    assert not folder.path.exists()
