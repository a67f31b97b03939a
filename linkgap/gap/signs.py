"""The figures that the risk screen looks at: what the exports say about a domain, and what its name looks like."""

from __future__ import annotations

from ipaddress import ip_network
from typing import TYPE_CHECKING, Any

import numpy as np

from linkgap.engine import statement
from linkgap.gap.referring import count_links, number_names
from linkgap.gap.risky_words import LINK_SELLING, SOLD_BY_SPAM, words_alone, words_anywhere

if TYPE_CHECKING:
    import numpy.typing as npt

    from linkgap.engine import Tables
    from linkgap.gap.referring import Candidates, Question
    from linkgap.loaders.links import Links
    from linkgap.schema import Level

    Array = npt.NDArray[Any]

ENOUGH_NEIGHBOURS = 3
SITEWIDE_LINKS = 500
"""More links than this from one domain to one site come from a template, not from an author."""

LEAST_OF_HOST = 50
"""A host with no more links than this has none in a template; leaving such hosts out makes counting quick."""

TRUSTED_ENDING = r"\.(edu|gov|mil)$|\.(ac|edu|gob|gouv|gov|govt|mil)\.[a-z][a-z]$|\.(europa\.eu|admin\.ch)$"
"""Only schools, universities and authorities get names under these; .ac alone is the top-level domain of an island."""

SHARED_NETWORKS = (
    *("103.21.244.0/22", "104.16.0.0/12", "108.162.192.0/18", "141.101.64.0/18", "162.158.0.0/15"),  # Cloudflare
    *("172.64.0.0/13", "173.245.48.0/20", "188.114.96.0/20", "190.93.240.0/20", "198.41.128.0/17"),
    *("142.250.0.0/15", "172.217.0.0/16", "216.58.192.0/19", "216.239.32.0/19", "74.125.0.0/16"),  # Google
    *("185.199.108.0/22", "192.0.64.0/18", "198.185.159.0/24", "198.49.23.0/24"),  # GitHub, WordPress.com, Squarespace
    *(
        "23.227.38.0/24",
        "185.230.60.0/22",
        "34.149.0.0/16",
        "76.76.21.0/24",
        "75.2.60.0/24",
    ),  # Shopify, Wix, Vercel, Netlify
    *("151.101.0.0/16", "199.36.158.0/24"),  # Fastly, Firebase
)
"""Networks of hosting and content delivery companies, so large that sharing one says nothing."""


def signs_of(links: Links, question: Question, candidates: Candidates) -> dict[str, Array]:
    """Return the figures that the screen's terms need, a value for each candidate, as far as the exports have them."""
    metrics = np.array([source.report.authority_metric for source in links.sources], dtype=object)
    names = _name_signs(links.engine, question.level, candidates.number)
    figures = {
        **{name: candidates.highest(name) for name in ("spam", "spam_score", "linked_domains", "referring_domains")},
        "trust_flow": candidates.highest("authority", np.flatnonzero(metrics == "majestic_tf")),
        "citation_flow": candidates.highest("citation_flow"),
        "neighbours": neighbours(candidates.highest("network"), names.pop("owner")),
    }
    known = {name: values for name, values in figures.items() if not np.isnan(values).all()}
    return {**known, **names, "most_links": _most_links(links, question, candidates.number)}


def _name_signs(engine: Tables, level: Level, numbers: Array) -> dict[str, Array]:
    """Return what the names look like, computed in SQL, and `owner`, the number of the domain."""
    with engine.turn:
        number_names(engine, level)
        engine.put("asked", {"place": np.arange(len(numbers)), "number": numbers})
        registered = (
            "(SELECT DISTINCT k.number, k.domain AS owner, d.domain AS name FROM keys AS k "
            "JOIN domains AS d ON d.number = k.domain)"
            if level == "host"
            else "(SELECT number, number AS owner, domain AS name FROM domains)"
        )
        found = engine.columns(
            statement("linkgap.gap", "names").replace("{registered}", registered),
            spam_anywhere=words_anywhere(*SOLD_BY_SPAM),
            spam_alone=words_alone(*SOLD_BY_SPAM),
            seller_anywhere=words_anywhere(*LINK_SELLING),
            seller_alone=words_alone(*LINK_SELLING),
            trusted=TRUSTED_ENDING,
        )
    order = np.argsort(found.pop("place"), kind="stable")  # quick, as they are nearly in order
    return {name: np.asarray(np.ma.filled(values, 0))[order] for name, values in found.items()}


def _most_links(links: Links, question: Question, numbers: Array) -> Array:
    """Return each domain's most links to one compared site; 0 where no host has enough to be worth counting."""
    with links.engine.turn:
        number_names(links.engine, question.level)
        found = links.engine.columns(statement("linkgap.gap", "many_links"), least=LEAST_OF_HOST)
    many = np.asarray(found["number"])
    many = many[np.isin(many, numbers)]
    most = np.zeros(len(numbers))
    if len(many):
        most[np.searchsorted(numbers, many)] = count_links(links, question, many).max(axis=1)
    return most


def neighbours(networks: Array, owners: Array) -> Array:
    """Return how many other domains share each one's network; NaN if it is unknown, 0 if it is a large company's.

    Parameters
    ----------
    networks
        The first three numbers of an IP address as one number: 192.0.2.7 is 192 x 65,536 + 0 x 256 + 2.
    owners
        Numbers of the domains: hosts of one domain are not each other's neighbours.

    Examples
    --------
    >>> import numpy as np
    >>> neighbours(np.array([9.0, 9.0, 9.0, 7.0, np.nan]), np.array([1, 2, 2, 3, 4]))
    array([ 1.,  1.,  1.,  0., nan])
    """
    others = np.full(len(networks), np.nan)
    known = ~np.isnan(networks)
    each, which = np.unique(networks[known].astype(np.int64), return_inverse=True)
    pairs = np.unique(np.column_stack([which, owners[known]]), axis=0)
    domains = np.bincount(pairs[:, 0].astype(np.int64), minlength=len(each))
    others[known] = np.where(_are_shared(each), 0, domains - 1)[which]
    return others


def _are_shared(networks: Array) -> Array:
    """Tell which networks are among `SHARED_NETWORKS`."""
    ranges = sorted((int(each[0]) >> 8, int(each[-1]) >> 8) for each in map(ip_network, SHARED_NETWORKS))
    first, last = np.array(ranges).T
    place = np.searchsorted(first, networks, "right") - 1
    return np.asarray((place >= 0) & (networks <= last[place]))
