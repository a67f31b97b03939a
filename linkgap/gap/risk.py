"""Reasons for caution before writing to a domain: named, added up, shown, and never a reason to delete.

`TERMS` is the whole screen, with `PAGE_TERMS` where pages were checked. The points for names, for referring and linked
domains and for trusted endings are priors from 4,778 domains that people judged for WEBSPAM-UK2006 (fraction of spam by
points: 0 at -2, .08 at -1, .38 at 0, .65 at 2, .82 from 3 on). At 90% precision such a screen finds one spam domain in
twenty, so it only marks and downweights, and the user's lists take precedence.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, NamedTuple

import numpy as np

from linkgap.gap.referring import names_of
from linkgap.gap.signs import ENOUGH_NEIGHBOURS, SITEWIDE_LINKS

if TYPE_CHECKING:
    from collections.abc import Callable, Collection, Iterator, Mapping, Sequence

    import numpy.typing as npt

    from linkgap.gap.referring import Candidates, Question
    from linkgap.loaders.links import Links

    Array = npt.NDArray[Any]
    Signs = Mapping[str, Array]

DENIED = "on your deny list"
TRUSTED_POINTS = -0.6
TRUSTED = "less for a trusted ending (.edu, .gov, .ac.*)"


class Term(NamedTuple):
    """One reason for caution.

    Attributes
    ----------
    reason
        As shown in `risk_reasons`.
    points
        What it adds to the risk.
    signs
        The figures it needs, see `signs_of`; where no export has one of them, the term drops out.
    applies
        Function of the figures that says for which domains it holds; an unknown figure is NaN, for which it never does.
    source
        Where the rule and its points come from.
    """

    reason: str
    points: float
    signs: tuple[str, ...]
    applies: Callable[[Signs], Array]
    source: str


_WEBSPAM = "WEBSPAM-UK2006 labels, hand rule of seven lines: AUC .80"

TERMS = (
    Term("marked as spam by a provider", 0.3, ("spam",), lambda sign: sign["spam"] == 1, "the provider's own mark"),
    Term(
        "spam score above 60",
        0.3,
        ("spam_score",),
        lambda sign: sign["spam_score"] > 60,
        "Moz calls 61 to 100 per cent high; the other vendors' scores run over the same range",
    ),
    Term(
        "trust flow below half of its citation flow",
        0.2,
        ("trust_flow", "citation_flow"),
        lambda sign: (sign["citation_flow"] >= 10) & (sign["trust_flow"] < 0.5 * sign["citation_flow"]),
        "usual practice with Majestic's flows, from a citation flow of 10 on; not measured",
    ),
    Term(
        "links to over 5 times as many domains as link to it",
        0.15,
        ("linked_domains", "referring_domains"),
        lambda sign: sign["linked_domains"] > 5 * sign["referring_domains"],
        _WEBSPAM,
    ),
    Term(
        "over 500 links to one site, as from every page",
        0.1,
        ("most_links",),
        lambda sign: sign["most_links"] > SITEWIDE_LINKS,
        "usual practice; not measured",
    ),
    Term(
        "in one network with 3 or more others on the list",
        0.2,
        ("neighbours",),
        lambda sign: sign["neighbours"] >= ENOUGH_NEIGHBOURS,
        "usual practice: the first three numbers of the IP address, large hosts left out; not measured",
    ),
    Term(
        "gambling, adult, drug or loan word in the name",
        0.3,
        ("spam_word",),
        lambda sign: sign["spam_word"] == 1,
        f"{_WEBSPAM}; the words themselves are our own choice, not measured",
    ),
    Term(
        "word of link sellers in the name",
        0.3,
        ("seller_word",),
        lambda sign: sign["seller_word"] == 1,
        "chosen on a real list of 100 new referring domains: it marks 39 of the 71 judged spam by hand, and no other",
    ),
    Term("2 or more hyphens in the name", 0.15, ("hyphens",), lambda sign: sign["hyphens"] >= 2, _WEBSPAM),
    Term("3 or more digits in the name", 0.15, ("many_digits",), lambda sign: sign["many_digits"] == 1, _WEBSPAM),
    Term("25 or more characters in the name", 0.15, ("characters",), lambda sign: sign["characters"] >= 25, _WEBSPAM),
)
"""The points of those that hold are added up, with `TRUSTED_POINTS` for a trusted ending, and clipped to 0 to 1."""

_TODAY = "what `check_pages` saw; our own choice, not measured"

PAGE_TERMS = (
    Term("its page is gone", 0.2, ("page_gone",), lambda sign: sign["page_gone"] == 1, _TODAY),
    Term(
        "its page has no link to a rival any more",
        0.1,
        ("page_without_link",),
        lambda sign: sign["page_without_link"] == 1,
        _TODAY,
    ),
    Term(
        "its page is kept out of search engines", 0.2, ("page_closed",), lambda sign: sign["page_closed"] == 1, _TODAY
    ),
    Term(
        "over 200 external links on its page",
        0.1,
        ("page_links_out",),
        lambda sign: sign["page_links_out"] > 200,
        _TODAY,
    ),
)
"""More terms, for prospects whose pages were checked."""

_SIGNS_IN_WORDS = {
    "spam": "a spam mark",
    "spam_score": "a spam score",
    "neighbours": "IP addresses",
}


class Risk(NamedTuple):
    """Points from 0 to 1 for each domain, and a boolean array for each reason, by name.

    Attributes
    ----------
    notes
        What the screen had to do without, in sentences.
    """

    points: Array
    reasons: dict[str, Array]
    notes: tuple[str, ...] = ()

    def words(self, places: Array) -> list[str]:
        """Return the reasons of some domains in words, separated by semicolons."""
        chosen = {name: marks[places] for name, marks in self.reasons.items()}
        return ["; ".join(name for name, marks in chosen.items() if marks[place]) for place in range(len(places))]


def find_risk(signs: Signs, *, denied: Array, allowed: Array) -> Risk:
    """Add up the reasons for caution.

    Parameters
    ----------
    signs
        Figures by name, one value for each domain, NaN where it is unknown; those that no export has are left out.
    denied, allowed
        Which domains are on the user's lists: a denied domain has risk 1, an allowed one 0, also when it is on both.

    Examples
    --------
    >>> import numpy as np
    >>> no = np.array([False, False])
    >>> signs = {"spam": np.array([1.0, np.nan]), "spam_score": np.array([80.0, 10.0])}
    >>> risk = find_risk(signs, denied=no, allowed=no)
    >>> risk.points, risk.words(np.array([0]))
    (array([0.6, 0. ]), ['marked as spam by a provider; spam score above 60'])
    """
    usable = [term for term in (*TERMS, *PAGE_TERMS) if all(sign in signs for sign in term.signs)]
    reasons = {term.reason: term.applies(signs) & ~allowed for term in usable}
    total = sum((reasons[term.reason] * term.points for term in usable), np.zeros(len(allowed)))
    trusted = (signs["trusted"] == 1) & (total > 0) if "trusted" in signs else np.zeros(len(allowed), dtype=bool)
    # Rounded to four decimals, so that .3 + .3 - .6 is exactly 0.
    total = np.round(np.clip(total + trusted * TRUSTED_POINTS, 0, 1), 4)
    reasons |= {TRUSTED: trusted, DENIED: denied & ~allowed}
    return Risk(np.where(reasons[DENIED], 1.0, total), reasons, _notes([term for term in TERMS if term not in usable]))


def _notes(dropped: Sequence[Term]) -> tuple[str, ...]:
    lacking = dict.fromkeys(
        " and ".join(_SIGNS_IN_WORDS.get(sign, sign.replace("_", " ")) for sign in term.signs) for term in dropped
    )
    return (f"Risk is judged without figures that no export gives: {', '.join(lacking)}.",) if lacking else ()


def screen_domains(
    links: Links,
    question: Question,
    candidates: Candidates,
    *,
    signs: Signs,
    allow: Collection[str] = (),
    deny: Collection[str] = (),
) -> Risk:
    """Find the risk of each candidate.

    Parameters
    ----------
    signs
        What is known about each, see `signs_of`, and what its page shows, see `signs_today`, if pages were checked.
    allow, deny
        The user's lists, of domains or hosts, whichever are compared.
    """
    named = names_of(links.engine, question.level, candidates.number) if allow or deny else []
    allowed, denied = (
        matches(named, names) if names else np.zeros(len(candidates), dtype=bool) for names in (allow, deny)
    )
    return find_risk(signs, denied=denied, allowed=allowed)


def matches(domains: Sequence[str], listed: Collection[str]) -> npt.NDArray[np.bool_]:
    """Tell which domains are on a list, themselves or as a host below a listed domain."""
    wanted = frozenset(listed)
    return np.array([not wanted.isdisjoint(_itself_and_above(domain)) for domain in domains], dtype=bool)


def _itself_and_above(name: str) -> Iterator[str]:
    """Yield a name and its parents, to look up in a set: a list of thousands then takes no longer than a short one."""
    while name:
        yield name
        name = name.partition(".")[2]
