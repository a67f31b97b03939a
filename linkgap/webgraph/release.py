"""The files of a release: which they are, where they come from, and whether they are complete."""

from __future__ import annotations

import hashlib
import re
from contextlib import closing
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Literal, cast, get_args

from linkgap.errors import InvalidArgumentError, MissingFileError, UnreadableFileError, counted, in_words, shown
from linkgap.paths import looking_into, path_of
from linkgap.webgraph.unpacking import FETCH_AGAIN, Place, blocks, fsspec, reaching

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Mapping

Kind = Literal["vertices", "edges", "ranks"]
KINDS: tuple[Kind, ...] = get_args(Kind)

ADDRESS = "https://data.commoncrawl.org/projects/hyperlinkgraph/{release}/domain/{file}"
OVERVIEW = "https://commoncrawl.org/web-graphs"
RELEASE = re.compile(r"cc-main(?:-[a-z0-9]+)+?(?=-(?:domain|host)-|/|$)")
_FILE = re.compile(r"(?P<release>.*?)-?(?P<level>domain|host)?-?(?P<kind>vertices|edges|ranks)\.txt(?:\.gz)?")

_EDGE = re.compile(rb"\d+\t\d+\r?")
_VERTEX = re.compile(rb"\d+\t[^\t\r]*[^\t\r\d.][^\t\r]*(?:\t\d+)?")
_RANKS = b"#harmonicc_pos\t#harmonicc_val\t#pr_pos\t#pr_val\t#host_rev"
_LOOKS_LIKE: dict[Kind, Callable[[bytes], bool]] = {
    "edges": lambda line: _EDGE.fullmatch(line) is not None,
    "vertices": lambda line: _VERTEX.fullmatch(line) is not None,
    "ranks": lambda line: line.startswith(_RANKS),
}
_OF_HOSTS = (
    "The graph of hosts can't replace that of domains: in it, a link to www.example.com is not one to example.com."
)
_READ_AT_ONCE = 8 * 1024**2


@dataclass(frozen=True)
class Release:
    """One release of the web graph: its name, and where its files are."""

    name: str
    vertices: Place
    edges: Place
    ranks: Place | None

    @property
    def files(self) -> dict[Kind, Place]:
        """The files that the release has, by kind."""
        found: dict[Kind, Place | None] = {"vertices": self.vertices, "edges": self.edges, "ranks": self.ranks}
        return {kind: place for kind, place in found.items() if place is not None}

    def check_kinds(self) -> None:
        """Check by its first line that each file is what its name says.

        Raises
        ------
        UnreadableFileError
            When files were mixed up, are empty, or are not those of a web graph.
        """
        for kind, place in self.files.items():
            line = _first_line(place)
            if not line:
                raise UnreadableFileError(f"{place.name} is empty, or its first line is. {FETCH_AGAIN}")
            if not _LOOKS_LIKE[kind](line):
                other = next((each for each in KINDS if _LOOKS_LIKE[each](line)), None)
                begins = line[:60].decode(errors="replace")
                found = f"looks like a file of {other}" if other else f"begins with {begins!r}"
                message = (
                    f"{place.name} should contain the {kind} of a web graph, but {found}. "
                    "Perhaps files were mixed up or renamed; `linkgap webgraph fetch` says what they are called."
                )
                raise UnreadableFileError(message)


def _first_line(place: Place) -> bytes:
    with closing(blocks(place)) as found:
        first = next(found, None)
    return b"" if first is None else first.text.lstrip(b"\n").partition(b"\n")[0]


def is_at_address(where: object) -> bool:
    """Tell whether any of the given places is a remote address."""
    named = where if isinstance(where, list | tuple) else [where]
    return any(isinstance(each, str) and "://" in each for each in named)


def find_release(where: object, *, ranks: bool = True, without: str = "authority=None") -> Release:
    """Find the files of one release in a folder, among files, or below an address; those of its host graph don't count.

    Parameters
    ----------
    where
        A folder, the files themselves, or the address of a folder that ends in `<release>/domain/`.
    ranks
        Whether the ranks are needed.
    without
        The option that the error message proposes for doing without ranks.

    Raises
    ------
    MissingFileError
        When a file is missing, with its name.
    InvalidArgumentError
        When there are files of several releases, or `where` is neither a path, an address nor a list of these.
    """
    places = _places(where)
    found: dict[tuple[str, Kind], list[Place]] = {}
    of_hosts: set[str] = set()
    for place in places:
        match = _FILE.fullmatch(place.name)
        if match and match["level"] == "host":
            of_hosts.add(match["release"])
        elif match:
            found.setdefault((match["release"], cast("Kind", match["kind"])), []).append(place)
    names = sorted({name for name, _ in found})
    if len(names) > 1 or any(len(several) > 1 for several in found.values()):
        listed = in_words(each.name for several in found.values() for each in several)
        message = (
            f"There are files of several releases: {listed}. "
            "Allowed: the vertices, edges and ranks of one release. Name its files: [vertices, edges, ranks]."
        )
        raise InvalidArgumentError(message)
    name = (names or sorted(of_hosts) or ["cc-main-<release>"])[0]
    needed = [kind for kind in KINDS if ranks or kind != "ranks"]
    among = f"among {in_words(each.name for each in places)}" if places else f"in {shown(where)}"
    if missing := [kind for kind in needed if (name, kind) not in found]:
        error = _missing(name, missing, among, of_hosts=bool(of_hosts))
        raise MissingFileError(f"{error} Or go on without authority: {without}.") if missing == ["ranks"] else error
    files = {kind: found[name, kind][0] for kind in needed}
    return Release(name, files["vertices"], files["edges"], files.get("ranks"))


def _missing(name: str, missing: list[Kind], among: str, *, of_hosts: bool) -> MissingFileError:
    wanted = " and ".join(f"{name}-domain-{kind}.txt.gz" for kind in missing)
    hosts = f" {_OF_HOSTS}" if of_hosts else ""
    fetch = f"`linkgap webgraph fetch {name}` says where to get it."
    return MissingFileError(f"There is no {wanted} {among}.{hosts} {fetch}")


def _places(where: object) -> list[Place]:
    if isinstance(where, str) and is_at_address(where):
        return _at_address(where)
    if isinstance(where, str | Path):
        return _on_disk(path_of(where))
    if isinstance(where, list | tuple) and all(isinstance(each, str | Path) for each in where) and where:
        return [place for each in where for place in _places(each)]
    came = type(where).__name__
    message = f"{came} can't be read as a web graph. Allowed: a folder, files, an address, or a list of these."
    raise InvalidArgumentError(message)


def _on_disk(path: Path) -> list[Place]:
    with looking_into(path):
        if path.is_dir():
            return [Place(str(each)) for each in sorted(path.iterdir()) if each.is_file()]
        if not path.exists():
            message = f"There is no folder or file {shown(path)}. Name a folder with a release, or its files."
            raise MissingFileError(message)
    return [Place(str(path))]


def _at_address(where: str) -> list[Place]:
    """Return the files at an address: one file, or those in a folder, guessed by name where a server can't list it."""
    if where.endswith((".gz", ".txt")):
        return [Place(where)]
    folder, names = where.rstrip("/"), list[str]()
    found = RELEASE.search(folder)
    with reaching(folder):
        system, path = fsspec().core.url_to_fs(folder)
        try:
            names = [str(each).rsplit("/", 1)[-1] for each in system.ls(path, detail=False)]
        except NotImplementedError:
            pass
        except Exception:  # each kind of server has its own error for refusing to list
            if found is None:
                raise
    if not names and found:
        names = [f"{found[0]}-domain-{kind}.txt.gz" for kind in KINDS]
    return [Place(f"{folder}/{name}") for name in names]


def addresses(release: str) -> dict[Kind, str]:
    """Return the addresses from which the files of a release can be fetched.

    Raises
    ------
    InvalidArgumentError
        When `release` is not the name of a release.

    Examples
    --------
    >>> addresses("cc-main-2026-may-jun-jul")["edges"].rpartition("/")[2]
    'cc-main-2026-may-jun-jul-domain-edges.txt.gz'
    """
    if not RELEASE.fullmatch(release):
        message = f"{release!r} is not a release. Allowed: names like cc-main-2026-may-jun-jul; {OVERVIEW} lists them."
        raise InvalidArgumentError(message)
    return {kind: ADDRESS.format(release=release, file=f"{release}-domain-{kind}.txt.gz") for kind in KINDS}


def read_sums(path: Path) -> dict[str, str]:
    """Read a file of checksums, as sha256sum and similar tools write it: one checksum and file name per line.

    Raises
    ------
    MissingFileError
        When the file can't be opened.
    UnreadableFileError
        When it is not text, or a line has another form.
    """
    try:
        lines = path.read_text(encoding="utf-8").split("\n")
    except OSError as error:
        raise MissingFileError(f"{path} can't be read: {error.strerror}. Name a file of checksums.") from error
    except UnicodeDecodeError as error:
        raise UnreadableFileError(f"{path.name} is not a file of checksums: it is not text.") from error
    sums = {}
    for number, line in enumerate(lines, start=1):
        found = re.fullmatch(r"([0-9a-fA-F]{32,128})[ \t]+\*?(\S.*?)\s*", line)
        if found is None and line.strip():
            message = f"{path.name}, line {number} is not a checksum followed by a file's name: {line[:60]!r}."
            raise UnreadableFileError(message)
        if found:
            sums[found[2].rsplit("/", 1)[-1]] = found[1].lower()
    return sums


_ALGORITHMS = {32: "md5", 40: "sha1", 56: "sha224", 64: "sha256", 96: "sha384", 128: "sha512"}


def check_files(
    release: Release, *, sizes: Mapping[str, int], sums: Mapping[str, str], advance: Callable[[int], object]
) -> Iterator[str]:
    """Yield a line on each file that passes; a local gzip file without a checksum is decompressed to its end.

    Raises
    ------
    UnreadableFileError
        When a size or a checksum differs from the one given, a size is given that the server does not say, or a packed
        file is cut off or damaged.
    InvalidArgumentError
        When sizes or checksums are for other files, or a checksum is of an unknown kind.
    """
    names = {place.name for place in release.files.values()}
    if unknown := (set(sizes) | set(sums)) - names:
        message = f"Sizes or checksums were given for {in_words(unknown)}. The files here are {in_words(names)}."
        raise InvalidArgumentError(message)
    release.check_kinds()
    for place in release.files.values():
        facts = [_checked_size(place, sizes.get(place.name))]
        if place.name in sums:
            facts.append(_checked_sum(place, sums[place.name], advance))
        elif not place.is_remote and place.is_packed():
            facts.append(_checked_end(place, advance))
        yield f"{place.name}: {', '.join(facts)}"


def _checked_size(place: Place, expected: int | None) -> str:
    size = place.identity()["size"]
    if size is None and expected is not None:
        message = f"How many bytes {place.name} has, its server does not say. Leave its size out, or fetch it first."
        raise UnreadableFileError(message)
    if size is None:
        return "its server does not say how many bytes"
    if expected not in {size, None}:
        wanted = f"but should have {expected:,}"
        message = f"{place.name} has {counted(size, 'byte')}, {wanted}. Fetch the rest of it, or all of it again."
        raise UnreadableFileError(message)
    return counted(size, "byte")


def _checked_sum(place: Place, expected: str, advance: Callable[[int], object]) -> str:
    name = _ALGORITHMS.get(len(expected))
    if name is None:
        kinds = in_words(_ALGORITHMS.values())
        message = f"{expected!r} is not a checksum of a known kind. Allowed: {kinds}, in hexadecimal."
        raise InvalidArgumentError(message)
    sum_so_far = hashlib.new(name, usedforsecurity=False)
    with place.open() as file:
        while piece := file.read(_READ_AT_ONCE):
            sum_so_far.update(piece)
            advance(len(piece))
    if sum_so_far.hexdigest() != expected:
        raise UnreadableFileError(f"{place.name} is not what was published: its {name} differs. Fetch it again.")
    return f"{name} matches"


def _checked_end(place: Place, advance: Callable[[int], object]) -> str:
    before = 0
    with closing(blocks(place)) as found:
        for block in found:
            advance(block.read - before)
            before = block.read
    return "unpacked to the end"
