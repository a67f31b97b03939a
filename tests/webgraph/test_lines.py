"""Numbers and names found in blocks of bytes: against Python's own parsing, whatever the numbers."""

import sys
import tempfile
from unittest.mock import patch

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from linkgap.errors import UnreadableFileError
from linkgap.webgraph.lines import (
    PAD,
    PADDING,
    NameFilter,
    OddLinesError,
    TargetFilter,
    as_bytes,
    cell_ends,
    count_edges,
    edges,
    line_ends,
    line_starts,
    numbers,
    tabs_before,
)
from linkgap.webgraph.passes import names_of
from linkgap.webgraph.unpacking import Place

NUMBERS = st.one_of(
    st.integers(0, 12), st.integers(0, 10**5), st.integers(2**31 - 3, 2**31 + 3), st.integers(0, 10**16 - 1)
)
NAMES = st.text("abc-.", min_size=1, max_size=20)


def block(lines: list[str]) -> bytes:
    return PADDING + "".join(f"{line}\n" for line in lines).encode()


@given(st.lists(st.tuples(NUMBERS, NUMBERS), min_size=1, max_size=30))
def test_edges_are_parsed(pairs):
    text = block([f"{a}\t{b}" for a, b in pairs])
    assert count_edges(as_bytes(text)) == len(pairs)
    sources, targets = edges(text, as_bytes(text))
    assert list(zip(sources.tolist(), targets.tolist(), strict=True)) == pairs


@given(st.lists(st.integers(0, 40), max_size=40))
def test_line_ends_are_found_however_long_lines_are(lengths):
    text = block(["x" * length for length in lengths])
    assert line_ends(as_bytes(text)).tolist() == [place for place in range(PAD - 1, len(text)) if text[place] == 10]


def without_hyperscan(make, wanted):
    with patch.dict(sys.modules, hyperscan=None):
        return make(wanted)


@given(st.lists(st.tuples(NUMBERS, NUMBERS), min_size=1, max_size=30), st.data())
def test_edges_to_wanted_numbers_are_found(pairs, data):
    wanted = data.draw(st.lists(st.one_of(NUMBERS, st.sampled_from([b for _, b in pairs])), min_size=1, max_size=5))
    text = block([f"{a}\t{b}" for a, b in pairs])
    expected = [(a, b) for a, b in pairs if b in wanted]
    for wanted_by in (TargetFilter(wanted), without_hyperscan(TargetFilter, wanted)):
        assert list(map(tuple, wanted_by.edges(text).tolist())) == expected


@given(st.lists(NAMES, min_size=1, max_size=30), st.lists(NAMES, max_size=8), st.data())
def test_names_are_found(names, others, data):
    wanted = list(dict.fromkeys(name.encode() for name in [*names[::3], *others]))
    hosts = data.draw(st.lists(NUMBERS, min_size=len(names), max_size=len(names)))
    text = block([f"{place}\t{name}\t{hosts[place]}" for place, name in enumerate(names)])
    ends = cell_ends(as_bytes(text))
    assert tabs_before(text, line_ends(as_bytes(text))[1:]).tolist() == ends[:, 1].tolist()
    found = NameFilter(wanted).lines(text, ends[:, 1])
    assert found == [(place, name.encode()) for place, name in enumerate(names) if name.encode() in wanted]
    assert numbers(text, line_starts(ends), ends[:, 0]).tolist() == list(range(len(names)))
    values = {name.encode(): b"%d" % hosts[place] for place, name in enumerate(names)}
    for filtered in (NameFilter(wanted), without_hyperscan(NameFilter, wanted)):
        found = {wanted[place]: value for place, value in filtered.values(text, 1, value=2).items()}
        assert found == {name: values[name] for name in values if name in wanted}


@pytest.mark.parametrize(
    "line", ["1\t2\t3", "12", "1 2", "1\tx", "a\t2", "1\t-2", "1\t2\r", "\t2", "1\t", "1\t12345678901234567", "1\tÊ2"]
)
def test_lines_that_are_no_edges_are_refused(line):
    text = block(["1\t2", line, "3\t4"])
    with pytest.raises(OddLinesError):
        edges(text, as_bytes(text))


@pytest.mark.parametrize("line", ["1\t2\t3", "12", "1 2", "1\tx", "a\t2", "1\t2\r", "1\tÊ2"])
def test_odd_lines_are_noticed_without_parsing(line):
    with pytest.raises(OddLinesError):
        count_edges(as_bytes(block(["1\t2", line, "3\t4"])))


@pytest.mark.parametrize("lines", [["1\ta", "2\tb\t3"], ["1\ta\t2", "3"], ["1\ta b\r", "2\tc"]])
def test_lines_of_different_numbers_of_cells_are_refused(lines):
    with pytest.raises(OddLinesError, match=r"differ in their number of cells"):
        cell_ends(as_bytes(block(lines)))


@given(st.lists(st.integers(0, 60), min_size=1, max_size=40, unique=True), st.data())
def test_names_of_numbers_are_found_whether_numbers_are_left_out_or_not(numbered, data):
    numbered = data.draw(st.sampled_from([sorted(numbered), list(range(numbered[0], numbered[0] + len(numbered)))]))
    wanted = sorted(data.draw(st.sets(st.sampled_from(numbered))))
    with tempfile.NamedTemporaryFile(suffix=".txt") as file:
        file.write("".join(f"{number}\tname-{number}\n" for number in numbered).encode())
        file.flush()
        place, asked = Place(file.name), np.array(wanted, np.int64)
        assert names_of(place, asked, lambda _: None) == [b"name-%d" % number for number in wanted]
        missing = np.array([*wanted, 99], np.int64)
        with pytest.raises(UnreadableFileError, match=r"does not contain"):
            names_of(place, missing, lambda _: None)
