"""The command `linkgap webgraph`: what to fetch and from where, whether it is complete, and what is in it.

It downloads nothing. Each of its subcommands is a function that yields lines, which are printed.
"""

from __future__ import annotations

from functools import partial
from typing import TYPE_CHECKING

import linkgap as lg
from linkgap.cli.options import DONE, links_file, whole_number
from linkgap.cli.printing import say_all
from linkgap.drafts import check_place
from linkgap.errors import InvalidArgumentError, MissingFileError, counted
from linkgap.paths import path_of
from linkgap.schema import WEB_GRAPH_METRICS
from linkgap.terminal import shell_word, wrapped

if TYPE_CHECKING:
    import argparse
    from collections.abc import Callable, Iterator
    from pathlib import Path

    from linkgap.cli.options import Make

    Lines = Iterator[str]

DOMAIN_GRAPH = "roughly 16 GB: 1 of vertices, 12 of edges, 3 of ranks"

_EPILOG = """\
examples:
  linkgap webgraph fetch cc-main-2026-may-jun-jul        where to get it; downloads nothing
  linkgap webgraph check graph/ --sums graph/sha256sums  is it complete?
  linkgap webgraph similar graph/ --site mysite.com      who could be your rivals
  linkgap webgraph links graph/ --sites mysite.com rival.com other.com --out links.parquet
  linkgap gap links.parquet --site mysite.com            then go on as with any export
  linkgap webgraph convert graph/ --to converted/        once, for many questions
"""
_CHECK = "Check names, sizes and checksums; a file without a checksum is unpacked, which takes minutes."
_GRAPH = "folder with a release, or the address of one"


def add_web_graph(make: Make) -> None:
    """Add `webgraph` and its commands to the command line."""
    parser = make(
        "webgraph",
        help="free backlinks: Common Crawl's web graph",
        description="Find links in a release of Common Crawl's web graph, which is free and needs no account.",
        epilog=_EPILOG,
    )
    commands = parser.add_subparsers(title="commands", metavar="COMMAND", required=True, help="what to do with it")
    add = partial(commands.add_parser, formatter_class=parser.formatter_class, allow_abbrev=False)
    _add_fetch(add)
    _add_check(add)
    _add_similar(add)
    _add_links(add)
    _add_convert(add)


def _add_fetch(add: Make) -> None:
    parser = add("fetch", help="where to get a release", description="Show where to get a release.")
    parser.add_argument("release", nargs="?", help="such as cc-main-2026-may-jun-jul")
    parser.set_defaults(run=partial(_say, _fetch))


def _add_check(add: Make) -> None:
    parser = add("check", help="whether files are complete", description=_CHECK)
    size, sums = "size that a file should have; repeatable", "file of checksums, as sha256sum writes them"
    parser.add_argument("graph", metavar="FOLDER", help=_GRAPH)
    parser.add_argument("--size", action="append", default=[], metavar="FILE=BYTES", help=size)
    parser.add_argument("--sums", metavar="FILE", help=sums)
    parser.add_argument("--no-ranks", action="store_true", help="the ranks may be missing")
    parser.set_defaults(run=partial(_say, _check))


def _add_similar(add: Make) -> None:
    parser = add("similar", help="sites that the same domains link to", description="Find rivals for a site.")
    parser.add_argument("graph", metavar="FOLDER", help=_GRAPH)
    parser.add_argument("--site", required=True, help="your site")
    parser.add_argument("--most", type=whole_number, default=20, metavar="N", help="how many at most (20)")
    _add_reading(parser)
    _add_out(parser, "write the links of all of them: .parquet, for `linkgap gap`")
    parser.set_defaults(run=partial(_say, _similar))


def _add_links(add: Make) -> None:
    parser = add("links", help="who links to some sites", description="Write the referring domains of some sites.")
    parser.add_argument("graph", metavar="FOLDER", help=f"{_GRAPH}, or what `convert` wrote")
    parser.add_argument("--sites", nargs="+", required=True, metavar="SITE", help="your site and its rivals")
    _add_reading(parser)
    parser.add_argument("--work", metavar="FOLDER", help="where an interrupted run keeps what it found")
    _add_out(parser, "where to: .parquet, for `linkgap gap`", required=True)
    parser.set_defaults(run=partial(_say, _links))


def _add_convert(add: Make) -> None:
    parser = add("convert", help="to Parquet, for many questions", description="Write a release as Parquet files.")
    parser.add_argument("graph", metavar="FOLDER", help="folder with a release")
    parser.add_argument("--to", required=True, metavar="FOLDER", help="folder to write into")
    parser.add_argument("--no-ranks", action="store_true", help="without authority")
    parser.set_defaults(run=partial(_say, _convert))


def _add_reading(parser: argparse.ArgumentParser) -> None:
    authority = f"rank that becomes the authority ({WEB_GRAPH_METRICS[0]})"
    parser.add_argument(
        "--authority", choices=[*WEB_GRAPH_METRICS, "none"], default=WEB_GRAPH_METRICS[0], help=authority
    )


def _add_out(parser: argparse.ArgumentParser, words: str, *, required: bool = False) -> None:
    parser.add_argument("--out", required=required, metavar="FILE", help=words)
    parser.add_argument("--overwrite", action="store_true", help="replace FILE if it exists")


def _say(lines: Callable[[argparse.Namespace], Lines], args: argparse.Namespace) -> int:
    say_all(lines(args))
    return DONE


def _authority(args: argparse.Namespace) -> str | None:
    return None if args.authority == "none" else str(args.authority)


def _target(args: argparse.Namespace) -> Path | None:
    """Return the path of the file for the links, checked before the graph is read, which takes minutes."""
    if args.out is None:
        return None
    target = links_file(args.out)
    check_place(target, overwrite=args.overwrite)
    return target


def _fetch(args: argparse.Namespace) -> Lines:
    from linkgap.webgraph.release import OVERVIEW, addresses

    if args.release is None:
        yield from wrapped(f"The releases are listed at {OVERVIEW}. Then: linkgap webgraph fetch RELEASE")
        return
    found = addresses(args.release)
    yield from wrapped(
        f"{args.release} is {DOMAIN_GRAPH}. linkgap downloads nothing; these commands do, and resume if stopped:"
    )
    yield from ["", f"  mkdir {args.release}", f"  cd {args.release}"]
    yield from (f"  curl --fail --location --continue-at - --remote-name {address}" for address in found.values())
    yield from ["", "  linkgap webgraph check ."]


def _check(args: argparse.Namespace) -> Lines:
    from linkgap.webgraph.passes import progress
    from linkgap.webgraph.release import check_files, find_release, read_sums

    release = find_release(args.graph, ranks=not args.no_ranks, without="authority=False")
    sums = read_sums(path_of(args.sums)) if args.sums else {}
    names = {place.name for place in release.files.values()}
    # Published lists name more files than these.
    kept = {name: checksum for name, checksum in sums.items() if name in names}
    if sums and not kept:
        message = f"{args.sums} lists none of these files. Name a file with the checksums of {release.name}."
        raise MissingFileError(message)
    total = sum(place.size() for place in release.files.values() if place.name in kept or not place.is_remote)
    with progress(total, "Checking", show=None) as advance:
        yield from check_files(release, sizes=dict(map(_size, args.size)), sums=kept, advance=advance)
    unchecked = "" if kept else "; no checksums were given"
    yield f"{release.name}: each file is what its name says{unchecked}"


def _size(text: str) -> tuple[str, int]:
    name, _, size = text.rpartition("=")
    if not name or not size.isdecimal():
        pair = "cc-main-2026-may-jun-jul-domain-ranks.txt.gz=2981234567"
        message = f"{text!r} is not FILE=BYTES. Allowed: a pair such as {pair}."
        raise InvalidArgumentError(message)
    return name, int(size)


def _similar(args: argparse.Namespace) -> Lines:
    target = _target(args)
    similar = lg.similar_sites(args.graph, site=args.site, most=args.most, authority=_authority(args))
    yield repr(similar)
    width = max((len(site) for site in similar.frame["site"]), default=0)
    for site, similarity, shared, domains in similar.frame[["site", "similarity", "shared", "domains"]].to_numpy():
        yield f"  {site:<{width}}  {similarity:.3f}  {shared:>9,} of its {counted(domains, 'domain')}"
    if target is not None:
        yield f"Written to {similar.links.save(target)}: {similar.links!r}"


def _links(args: argparse.Namespace) -> Lines:
    target = _target(args)
    links = lg.read_web_graph(args.graph, sites=args.sites, authority=_authority(args), work=args.work)
    written = links.save(target or args.out)
    yield repr(links)
    yield f"Written to {written}. Next: linkgap gap {shell_word(written)} --site {args.sites[0]}"


def _convert(args: argparse.Namespace) -> Lines:
    written = lg.convert_web_graph(args.graph, args.to, authority=not args.no_ranks)
    ranks = " --authority none" if args.no_ranks else ""
    words = f"{shell_word(written)} --sites SITE...{ranks} --out links.parquet"
    yield f"Converted into {written}. Next: linkgap webgraph links {words}"
