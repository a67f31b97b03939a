"""Who links to whom: the relational work behind a gap, in the .sql files beside this module; results are arrays."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property
from typing import TYPE_CHECKING, Any

import numpy as np

from linkgap.domains import parse_site
from linkgap.engine import Tables, makes, statement
from linkgap.errors import InvalidArgumentError
from linkgap.loaders.counting import FIGURES
from linkgap.loaders.records import value_of

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    import numpy.typing as npt

    from linkgap.loaders.links import Links
    from linkgap.schema import Level

    Array = npt.NDArray[Any]

MOST_SITES = 62
"""The sites that a domain links to are bits of one integer, and every engine can hold that many."""


@dataclass(frozen=True, kw_only=True)
class Question:
    """The question behind a gap: which sites are compared, which links count, and what makes a prospect.

    Parameters
    ----------
    site, rivals
        The compared sites, as named in the links.
    own
        The user's other sites, whose domains are never prospects.
    live_only
        Whether only live links count.
    follow_only
        Whether links that an export marks as nofollow, ugc or sponsored don't count.
    level
        What a prospect is: a registrable domain or a host.
    min_rivals
        Minimum number of rivals that a prospect links to.
    present, absent
        Rivals that a prospect must, or must not, link to.
    """

    site: str
    rivals: tuple[str, ...]
    own: tuple[str, ...] = ()
    live_only: bool = True
    follow_only: bool = False
    level: Level = "domain"
    min_rivals: int = 1
    present: frozenset[str] = frozenset()
    absent: frozenset[str] = frozenset()

    @property
    def sites(self) -> tuple[str, ...]:
        """The compared sites: the site, then its rivals."""
        return (self.site, *self.rivals)

    @property
    def counted(self) -> dict[str, bool]:
        """Which links count, as parameters of the SQL statements."""
        return {"live_only": self.live_only, "follow_only": self.follow_only}

    @property
    def among(self) -> str:
        """The rivals in `present`, in words to follow the number of rivals; empty if none, or only one rival."""
        required = self.present and len(self.rivals) > 1
        return f", {_named(sorted(self.present), 'and')} among them," if required else ""

    @property
    def unlinked(self) -> str:
        """The sites that a prospect must not link to, in words."""
        return _named([self.site, *sorted(self.absent)], "or")

    def bits(self, *sites: str) -> int:
        """Return the sum of the bits of some sites."""
        return sum(1 << self.sites.index(site) for site in sites)


def _named(sites: Sequence[str], word: str) -> str:
    *others, last = sites
    return f"{', '.join(others)} {word} {last}" if others else last


@dataclass(frozen=True, eq=False)
class Candidates:
    """The domains that answer a question, in alphabetical order, with what the links say about them.

    Attributes
    ----------
    number
        The number of each domain: its position among all domains in alphabetical order.
    bits
        Which sites it links to: bit 0 for the site, bit 1 for the first rival and so on.
    was_linked
        Whether it used to link to the site.
    rivals
        How many rivals there are.
    seen
        What each file shows about each domain, in long form: `place` (the domain's position in these arrays), `file`,
        `linked` (whether it shows a link to a rival), `lost` (whether it shows a lost link to the site), and those of
        `linkgap.loaders.counting.FIGURES` that any file has.
    """

    number: Array
    bits: Array
    was_linked: Array
    rivals: int
    seen: Mapping[str, Array]

    def __len__(self) -> int:
        """Return how many domains there are."""
        return len(self.number)

    def links_to(self, rival: int) -> Array:
        """Return whether each domain links to the rival at a position."""
        return np.asarray((self.bits >> (rival + 1)) & 1 == 1)

    @cached_property
    def rivals_linked(self) -> Array:
        """How many rivals each domain links to."""
        return np.asarray(np.bitwise_count(self.bits >> 1), dtype=np.int64)

    def highest(self, figure: str, files: Array | None = None) -> Array:
        """Return the highest value of a figure that files show for each domain; NaN where none does.

        Parameters
        ----------
        files
            Numbers of files; None takes all.
        """
        if figure not in self.seen:
            return np.broadcast_to(np.nan, len(self))
        highest, values = np.full(len(self), np.nan), self.seen[figure]
        rows = ~np.isnan(values) if files is None else ~np.isnan(values) & np.isin(self.seen["file"], files)
        np.fmax.at(highest, self.seen["place"][rows], values[rows])
        return highest


@dataclass(frozen=True, eq=False)
class Combinations:
    """How many domains link to each combination of the site (first) and its rivals.

    Attributes
    ----------
    present
        One row per combination, one column per site: whether the domains link there.
    domains
        How many domains have each combination.
    """

    present: Array
    domains: Array

    def shared(self) -> Array:
        """Return how many domains each pair of sites shares; on the diagonal, how many each has."""
        weighted = self.present * self.domains[:, None]
        return np.asarray(self.present.T.astype(np.int64) @ weighted.astype(np.int64))


def number_names(engine: Tables, level: Level) -> None:
    """Make the views of a level: `keys` (host to number), `labels` (number to name), `numbered_hosts` (their links)."""
    with makes(engine, "names", level) as wanted:
        if wanted:
            _make_names(engine, level)


def _make_names(engine: Tables, level: Level) -> None:
    if level == "host":
        engine.run(statement("linkgap.gap", "host_names"))
        keys = (
            "SELECT n.id, h.number, n.number AS domain FROM named AS n JOIN host_names AS h ON h.name = n.host "
            "WHERE n.number IS NOT NULL"
        )
        labels = "SELECT number, name FROM host_names"
        numbered = "SELECT h.*, k.number FROM hosts AS h JOIN keys AS k ON k.id = h.host"
    else:
        keys = "SELECT id, domain AS number, domain FROM raw_hosts WHERE domain IS NOT NULL"
        labels = "SELECT number, domain AS name FROM domains"
        numbered = "SELECT *, domain AS number FROM hosts WHERE domain IS NOT NULL"
    for name, query in (("keys", keys), ("labels", labels), ("numbered_hosts", numbered)):
        engine.run(f"CREATE OR REPLACE VIEW {name} AS {query}")


def put_compared(links: Links, question: Question) -> None:
    """Make `compared` (sites and their bits), `excluded` (domains left out) and `lists` (which files are one list)."""
    engine = links.engine
    if len(question.sites) > MOST_SITES:
        count = len(question.sites)
        message = (
            f"{count} sites are too many to compare. Allowed: up to {MOST_SITES}. Name the closest with rivals=[...]."
        )
        raise InvalidArgumentError(message)
    number_names(engine, question.level)
    with makes(engine, "compared", (question.sites, question.own)) as wanted:
        if wanted:
            _make_compared(links, question)


def _make_compared(links: Links, question: Question) -> None:
    engine, numbers = links.engine, np.arange(len(question.sites))
    engine.put("compared", {"site": question.sites, "number": numbers, "bit": np.left_shift(1, numbers)})
    names = sorted({parse_site(text).domain for text in (*question.sites, *question.own)})
    engine.put("excluded_names", {"name": names})
    engine.run(
        "CREATE OR REPLACE TABLE excluded AS SELECT d.number AS domain FROM domains AS d "
        "JOIN excluded_names AS e ON e.name = d.domain"
    )
    files = {source.number: f"{source.report.provider} {source.report.name}" for source in links.sources}
    engine.put("lists", {"file": list(files), "list": list(files.values())})


def count_members(links: Links, question: Question) -> None:
    """Make the tables `seen` and `members`: which sites each domain links to, per file and overall."""
    put_compared(links, question)
    engine, counted = links.engine, question.counted
    with makes(engine, "members", (question.sites, question.own, question.level, counted)) as wanted:
        if wanted:
            engine.run(statement("linkgap.gap", "seen").replace("{figures}", _highest_figures(links)), **counted)
            engine.run(statement("linkgap.gap", "members"))


def figures_by_list(links: Links, question: Question) -> dict[str, Array]:
    """Return what each file's rows for each site show about each domain: `domain`, `file`, `list` and figures.

    `list` is the site's position among the compared sites. Domains are those in the table `members` that link to any
    of these.
    """
    put_compared(links, question)
    query = statement("linkgap.gap", "figures_by_list").replace("{figures}", _highest_figures(links))
    found = links.engine.columns(query)
    integer_columns = {"domain", "file", "list"}
    return {name: _plain(values, np.int64 if name in integer_columns else np.float64) for name, values in found.items()}


def find_members(engine: Tables) -> tuple[Array, Array]:
    """Return the domains that link to any compared site, in alphabetical order, and the sum of these sites' bits."""
    found = engine.columns("SELECT domain, linked FROM members WHERE linked <> 0 ORDER BY domain")
    return _plain(found["domain"], np.int64), _plain(found["linked"], np.int64)


def _highest_figures(links: Links) -> str:
    """SQL for the maximum of each figure that any file has."""
    known = [figure for figure in FIGURES if any(value_of(source, figure) for source in links.sources)]
    return "".join(f"MAX({_as_number(figure)}) AS {figure}, " for figure in known)


def _as_number(figure: str) -> str:
    return (
        f"CASE WHEN h.{figure} THEN 1 WHEN NOT h.{figure} THEN 0 END" if FIGURES[figure] == "BOOLEAN" else f"h.{figure}"
    )


def find_candidates(engine: Tables, question: Question) -> Candidates:
    """Read the candidates from the tables that `count_members` made."""
    return _read_candidates(
        engine,
        question,
        required=question.bits(*question.present),
        forbidden=question.bits(question.site, *question.absent),
    )


def find_own(engine: Tables, question: Question) -> Candidates:
    """Read the domains that link to the site from the tables that `count_members` made."""
    return _read_candidates(engine, question, required=question.bits(question.site), forbidden=0)


def _read_candidates(engine: Tables, question: Question, *, required: int, forbidden: int) -> Candidates:
    engine.run(
        statement("linkgap.gap", "candidates"),
        min_rivals=question.min_rivals,
        rivals=question.bits(*question.rivals),
        required=required,
        forbidden=forbidden,
    )
    found = engine.columns("SELECT domain, linked, lost FROM candidates ORDER BY domain")
    number = _plain(found["domain"], np.int64)
    shown = engine.columns(statement("linkgap.gap", "shown"))
    seen = {
        "place": _places_among(number, _plain(shown.pop("domain"), np.int64)),
        "file": _plain(shown.pop("file"), np.int64),
        "linked": _plain(shown.pop("linked"), np.int64) >> 1 != 0,
        "lost": _plain(shown.pop("lost"), np.int64) & 1 == 1,
        **{figure: _plain(values, np.float64) for figure, values in shown.items()},
    }
    was_linked = _plain(found["lost"], np.int64) & 1 == 1
    return Candidates(number, _plain(found["linked"], np.int64), was_linked, len(question.rivals), seen)


def _places_among(numbers: Array, wanted: Array) -> Array:
    """Return the position of each wanted number in an ascending array; a binary search for millions takes longer."""
    places = np.zeros(int(numbers[-1]) + 1 if len(numbers) else 0, dtype=np.int64)
    places[numbers] = np.arange(len(numbers))
    return np.asarray(places[wanted])


def find_combinations(engine: Tables, question: Question) -> Combinations:
    """Read the combinations of sites from the tables that `count_members` made."""
    found = engine.columns(
        "SELECT linked, COUNT(*) AS domains FROM members WHERE linked <> 0 GROUP BY linked ORDER BY linked"
    )
    numbers = np.arange(len(question.sites))
    present = (_plain(found["linked"], np.int64)[:, None] >> numbers) & 1 == 1
    return Combinations(present, _plain(found["domains"], np.int64))


def count_links(links: Links, question: Question, numbers: Array) -> Array:
    """Return how many links some domains have to each compared site: one row per domain, one column per site."""
    engine = links.engine
    with engine.turn:
        put_compared(links, question)
        engine.put("asked", {"place": np.arange(len(numbers)), "number": numbers})
        found = engine.columns(statement("linkgap.gap", "link_counts"), **question.counted)
    counts = np.zeros((len(numbers), len(question.sites)), dtype=np.int64)
    counts[_plain(found["place"], np.int64), _plain(found["number"], np.int64)] = _plain(found["links"], np.int64)
    return counts


def names_of(engine: Tables, level: Level, numbers: Array) -> list[str]:
    """Return the names of domains (or hosts) by number, in the order of `numbers`."""
    with engine.turn:
        number_names(engine, level)
        engine.put("asked", {"place": np.arange(len(numbers)), "number": numbers})
        return [
            row[0]
            for row in engine.rows(
                "SELECT l.name FROM labels AS l JOIN asked AS a ON a.number = l.number ORDER BY a.place"
            )
        ]


def _plain(column: Array, kind: type) -> Array:
    """Return a column of the engine without its mask: nulls become NaN, or 0 in integers."""
    masked: Any = np.ma.asarray(column).astype(kind)
    return np.asarray(masked.filled(np.nan if kind is np.float64 else 0))
