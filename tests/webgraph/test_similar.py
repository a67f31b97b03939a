"""`similar_sites`: against the same formula in plain Python, and what it proposes on the sample."""

import gzip
import math
from collections import Counter, defaultdict
from types import SimpleNamespace

import numpy as np
import pytest

import linkgap as lg
from linkgap.errors import InvalidArgumentError, TooFewLinksError, UnknownSiteError, UnreadableFileError
from linkgap.webgraph import similar
from linkgap.webgraph.lines import PADDING
from linkgap.webgraph.release import find_release


def by_hand(world, site: str) -> dict[str, tuple[int, int, float]]:
    """(domains, shared, similarity) of each site with eight domains or more, from sets."""
    targets, linking = defaultdict(set), defaultdict(set)
    for source, target in world.edges:
        targets[source].add(target)
        linking[world.names[target]].add(source)
    weight = {source: 1 / math.log2(1 + len(found)) ** 2 for source, found in targets.items()}
    total = sum(weight.values())

    def all_of(sources):
        return sum(weight[source] for source in sources)

    found = {}
    for other, sources in linking.items():
        shared = sources & linking[site]
        product = all_of(sources) * all_of(linking[site])
        similarity = (all_of(shared) - product / total) / math.sqrt(product)
        if other != site and len(sources) >= 8 and len(shared) >= 2 and similarity > 1e-12:
            found[other] = (len(sources), len(shared), similarity)
    return found


def most_linked(world) -> str:
    return world.names[Counter(target for _, target in world.edges).most_common(3)[2][0]]


@pytest.mark.parametrize("blocks", ["large", "small"])
def test_against_sets(world, blocks, request):
    if blocks == "small":
        request.getfixturevalue("small_blocks")
    site = most_linked(world)
    found = lg.similar_sites(world.folder, site=site, most=1000)
    expected = by_hand(world, site)
    assert len(expected) > 20
    figures = {row.site: (row.domains, row.shared, row.similarity) for row in found.frame.itertuples()}
    assert figures.keys() == expected.keys()
    for name, (domains, shared, similarity) in expected.items():
        assert figures[name][:2] == (domains, shared)
        assert figures[name][2] == pytest.approx(similarity)
    assert found.frame["similarity"].is_monotonic_decreasing
    fewer = lg.similar_sites(world.folder, site=site, most=3)
    assert fewer.frame.equals(found.frame.head(3))


def test_an_edge_that_stands_twice_is_one(world):
    site = most_linked(world)
    once = lg.similar_sites(world.folder, site=site, most=1000)
    edges = [edge for edge in sorted(world.edges) for _ in range(1 + edge[1] % 2)]
    repeated = [edge for source in dict.fromkeys(a for a, _ in edges) for edge in edges[::-1] if edge[0] == source]
    for twice in (edges, repeated):
        world.path("edges").write_bytes(gzip.compress("".join(f"{a}\t{b}\n" for a, b in twice).encode()))
        assert lg.similar_sites(world.folder, site=site, most=1000).frame.equals(once.frame)


def test_their_links_are_those_of_the_web_graph(world):
    site = most_linked(world)
    found = lg.similar_sites(world.folder, site=site, most=3)
    rivals = found.frame["site"].tolist()
    frame = found.links.frame
    assert set(zip(frame["site"], frame["source_domain"], strict=True)) == world.linking_to(site, *rivals)
    assert lg.find_gap(found.links, site=site).rivals == tuple(sorted(rivals))


def test_rivals_come_before_giants_and_directories():
    found = lg.similar_sites(lg.sample_web_graph(), site="oakdesk.example", most=7)
    named = {"deskly.example", "sitwell.example", "workhaven.example", "uprightco.example"}
    unknown = {"risewell.example", "standhaus.example", "legroom.example"}
    assert set(found.frame["site"]) == named | unknown
    assert repr(found).startswith("7 sites linked from the same domains as oakdesk.example, first deskly.example (0.")
    assert "<td>deskly.example</td>" in found._repr_html_()


def test_sites_that_cannot_be_compared(world):
    linked = {world.names[target] for _, target in world.edges}
    alone = next(name for name in world.names.values() if name not in linked)
    with pytest.raises(
        TooFewLinksError, match=rf"{alone} has only 0 domains linking to it in cc-main-2026-aug-sep-oct"
    ):
        lg.similar_sites(world.folder, site=alone)
    linking = Counter(world.names[target] for _, target in set(world.edges))
    seven, eight = (next(name for name, number in linking.items() if number == wanted) for wanted in (7, 8))
    with pytest.raises(TooFewLinksError, match=rf"{seven} has only 7 domains linking to it in"):
        lg.similar_sites(world.folder, site=seven)
    assert lg.similar_sites(world.folder, site=eight).site == eight
    with pytest.raises(UnknownSiteError, match=r"does not have nobody\.example"):
        lg.similar_sites(world.folder, site="nobody.example")
    with pytest.raises(InvalidArgumentError, match=r"most=0 is not allowed"):
        lg.similar_sites(world.folder, site=alone, most=0)


def test_edges_out_of_order(world):
    lines = world.text("edges").splitlines(keepends=True)
    lines[10], lines[-10] = lines[-10], lines[10]
    world.path("edges").write_bytes(gzip.compress("".join(lines).encode()))
    with pytest.raises(UnreadableFileError, match=r"edges\S* is out of order: sources ascend in a release"):
        lg.similar_sites(world.folder, site=most_linked(world))


def test_edges_out_of_order_from_block_to_block(world, monkeypatch):
    texts = [PADDING + b"3\t1\n4\t1\n", PADDING + b"2\t1\n5\t1\n"]
    monkeypatch.setattr(similar.passes, "read_blocks", lambda *_: iter([SimpleNamespace(text=text) for text in texts]))
    release = find_release(world.folder)
    with pytest.raises(UnreadableFileError, match=r"edges\S* is out of order: sources ascend in a release"):
        list(similar._whole_sources(release, 300, len))
    texts[1] = PADDING + b"4\t2\n5\t1\n"
    found = [[each.tolist() for each in part] for part in similar._whole_sources(release, 300, len)]
    assert found == [[[3], [1]], [[4, 4], [1, 2]], [[5], [1]]]


def test_of_equals_the_first_are_named_first():
    figures = similar._Figures(*(np.full(5, 10, np.uint32),) * 2, np.full(5, 4.0), np.full(5, 2.0), all_weight=100.0)
    assert figures.most_similar(2, 3).tolist() == [0, 1, 3]


def test_edges_of_another_release(world):
    world.path("edges").write_bytes(gzip.compress((world.text("edges") + "999\t1\n").encode()))
    with pytest.raises(UnreadableFileError, match=r"refer to domain number 999, which"):
        lg.similar_sites(world.folder, site=most_linked(world))


def test_numbers_too_large_for_a_table(make_world):
    world = make_world(first=2**31)
    with pytest.raises(InvalidArgumentError, match=rf"similar sites can be found up to {similar.MOST_VERTICES:,}"):
        lg.similar_sites(world.folder, site=most_linked(world))


def test_a_converted_release_is_refused(world, tmp_path):
    folder = lg.convert_web_graph(world.folder, tmp_path / "graph")
    with pytest.raises(InvalidArgumentError, match=r"was converted.* Pass the release as published"):
        lg.similar_sites(folder, site=most_linked(world))
