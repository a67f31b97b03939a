"""Files of one or several gzip members, unpacked in pieces of any size, from the beginning or from any mark on."""

import gzip
import itertools
import sys
import tempfile
import threading
from pathlib import Path
from unittest.mock import patch

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from linkgap.errors import UnreadableFileError
from linkgap.webgraph import unpacking
from linkgap.webgraph.lines import PAD
from linkgap.webgraph.unpacking import Block, Mark, Place, ReadAhead, blocks

UNPACKERS = st.sampled_from([{}, {"isal": None}])


def text_of(found: list[Block]) -> bytes:
    return b"".join(block.text[PAD:] for block in found)


@settings(max_examples=60)
@given(
    st.lists(st.binary(max_size=40), min_size=1, max_size=30),
    st.lists(st.integers(0, 600), max_size=3),
    st.integers(10, 300),
    st.integers(10, 300),
    UNPACKERS,
)
def test_every_line_is_there_once_wherever_one_begins(lines, cuts, packed_bytes, block_bytes, hidden):
    text = b"".join(line.replace(b"\n", b"") + b"\n" for line in lines)
    ends = [0, *sorted(min(cut, len(text)) for cut in cuts), len(text)]
    members = [gzip.compress(text[a:b]) for a, b in itertools.pairwise(ends)]
    sizes = {"PACKED_BYTES": packed_bytes, "BLOCK_BYTES": block_bytes}
    with tempfile.TemporaryDirectory() as folder, patch.multiple(unpacking, **sizes), patch.dict(sys.modules, hidden):
        place = Place(str(Path(folder) / "lines.gz"))
        Path(place.where).write_bytes(b"".join(members))
        found = list(blocks(place))
        assert text_of(found) == text
        assert [block.read for block in found] == sorted(block.read for block in found)
        for number, block in enumerate(found, start=1):
            assert text_of(list(blocks(place, start=block.mark))) == text_of(found[number:])


@pytest.mark.parametrize("hidden", [{}, {"isal": None}], ids=["isal", "zlib"])
@pytest.mark.parametrize(
    ("spoil", "said"),
    [
        (lambda packed: packed[:-1], r"ends in the middle"),
        (lambda packed: packed[: len(packed) // 2], r"ends in the middle"),
        (lambda packed: packed[:-8] + b"\0\0\0\0" + packed[-4:], r"is damaged near byte"),
        (lambda packed: packed[:-4] + b"\0\0\0\0", r"is damaged near byte"),
        (lambda packed: packed + b"more", r"is damaged near byte|ends in the middle"),
    ],
    ids=["cut by a byte", "cut in half", "wrong sum", "wrong length", "more behind it"],
)
def test_what_is_damaged_is_refused(tmp_path, spoil, said, hidden):
    packed = gzip.compress(b"".join(b"%d\t%d\n" % (number, number * 7919 % 1000) for number in range(2000)))
    path = tmp_path / "edges.gz"
    path.write_bytes(spoil(packed))
    with patch.dict(sys.modules, hidden), pytest.raises(UnreadableFileError, match=said):
        list(blocks(Place(str(path))))


def test_what_is_padded_with_zeros_is_whole(tmp_path):
    path = tmp_path / "edges.gz"
    path.write_bytes(gzip.compress(b"1\t2\n") + b"\0" * 512)
    assert text_of(list(blocks(Place(str(path)), start=Mark()))) == b"1\t2\n"


def test_what_was_begun_is_unpacked_before_anybody_asks_and_no_further_than_it_may_be(tmp_path, monkeypatch):
    monkeypatch.setattr(unpacking, "BLOCK_BYTES", 100)
    unpacked, made = [], unpacking._texts
    filled = threading.Event()

    def counted(*what):
        for text in made(*what):
            unpacked.append(text)
            if len(unpacked) > 3:
                filled.set()
            yield text

    monkeypatch.setattr(unpacking, "_texts", counted)
    path = tmp_path / "lines.gz"
    lines = b"".join(b"%d\n" % number for number in range(1000))
    path.write_bytes(gzip.compress(lines))
    ahead = ReadAhead(Place(str(path)), pieces=3)
    assert filled.wait(20)  # three wait, and one to be put beside them
    assert len(unpacked) == 4
    assert ahead.name == "lines.gz"
    assert text_of(list(blocks(ahead))) == lines


def test_what_was_begun_and_is_not_wanted_ends_when_it_is_closed(tmp_path, monkeypatch):
    monkeypatch.setattr(unpacking, "BLOCK_BYTES", 100)
    path = tmp_path / "lines.gz"
    path.write_bytes(gzip.compress(b"1\n" * 10_000))
    before = threading.active_count()
    ahead = ReadAhead(Place(str(path)), pieces=1)
    assert threading.active_count() == before + 1
    ahead.close()
    assert threading.active_count() == before
