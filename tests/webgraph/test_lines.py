"""Numbers and names found in blocks of bytes: against Python's own parsing, whatever the numbers."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from linkgap.webgraph.lines import (
    PADDING,
    NameFilter,
    OddLinesError,
    TargetFilter,
    as_bytes,
    cell_ends,
    check_edges,
    edges,
    line_ends,
    line_starts,
    numbers,
    tabs_before,
)

NUMBERS = st.one_of(
    st.integers(0, 12), st.integers(0, 10**5), st.integers(2**31 - 3, 2**31 + 3), st.integers(0, 10**16 - 1)
)
NAMES = st.text("abc-.", min_size=1, max_size=20)


def block(lines: list[str]) -> bytes:
    return PADDING + "".join(f"{line}\n" for line in lines).encode()


@given(st.lists(st.tuples(NUMBERS, NUMBERS), min_size=1, max_size=30))
def test_edges_are_parsed(pairs):
    text = block([f"{a}\t{b}" for a, b in pairs])
    check_edges(as_bytes(text), len(pairs))
    sources, targets = edges(text, as_bytes(text))
    assert list(zip(sources.tolist(), targets.tolist(), strict=True)) == pairs


@given(st.lists(st.tuples(NUMBERS, NUMBERS), min_size=1, max_size=30), st.data())
def test_edges_to_wanted_numbers_are_found(pairs, data):
    wanted = data.draw(st.lists(st.one_of(NUMBERS, st.sampled_from([b for _, b in pairs])), min_size=1, max_size=5))
    text = block([f"{a}\t{b}" for a, b in pairs])
    sources, targets = TargetFilter(wanted).edges(text, line_ends(as_bytes(text)))
    found = list(zip(sources.tolist(), targets.tolist(), strict=True))
    assert found == [(a, b) for a, b in pairs if b in wanted]


@given(st.lists(NAMES, min_size=1, max_size=30), st.lists(NAMES, max_size=8), st.data())
def test_names_are_found(names, others, data):
    wanted = {name.encode() for name in [*names[::3], *others]}
    hosts = data.draw(st.lists(NUMBERS, min_size=len(names), max_size=len(names)))
    text = block([f"{place}\t{name}\t{hosts[place]}" for place, name in enumerate(names)])
    ends = cell_ends(as_bytes(text))
    assert tabs_before(text, line_ends(as_bytes(text))[1:]).tolist() == ends[:, 1].tolist()
    found = NameFilter(wanted).lines(text, ends[:, 1])
    assert found == [(place, name.encode()) for place, name in enumerate(names) if name.encode() in wanted]
    assert numbers(text, line_starts(ends), ends[:, 0]).tolist() == list(range(len(names)))


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
        check_edges(as_bytes(block(["1\t2", line, "3\t4"])), 3)


@pytest.mark.parametrize("lines", [["1\ta", "2\tb\t3"], ["1\ta\t2", "3"], ["1\ta b\r", "2\tc"]])
def test_lines_of_different_numbers_of_cells_are_refused(lines):
    with pytest.raises(OddLinesError, match=r"differ in their number of cells"):
        cell_ends(as_bytes(block(lines)))
