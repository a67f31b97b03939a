"""`disavow_draft`: a file in Google's format for links to the user's own site, to be read before it is uploaded.

Google's rules: a text file in UTF-8, at most 100,000 lines and 2 MB, comments after `#`, `domain:` before a domain
(support.google.com/webmasters/answer/2648487).
"""

from __future__ import annotations

from collections.abc import Mapping
from functools import lru_cache
from typing import TYPE_CHECKING

import numpy as np
import pandas as pd

from linkgap.domains import host_of, public_suffixes, registrable_domain
from linkgap.drafts import check_place, whole_file
from linkgap.errors import InvalidArgumentError, UnknownDomainError, check_kind, in_words, listed
from linkgap.gap.membership import known_site
from linkgap.gap.referring import Question, count_members, find_own, names_of
from linkgap.gap.risk import screen_domains
from linkgap.gap.signs import signs_of
from linkgap.loaders.links import Links
from linkgap.paths import path_of

if TYPE_CHECKING:
    import os
    from collections.abc import Iterable, Iterator
    from pathlib import Path

MOST_LINES = 100_000
MOST_BYTES = 2 * 1024**2
NO_REASON = "chosen by hand"
_LONGEST_REASON = 300
_HEADING = """\
Draft of a disavow file for {site}. Nobody has uploaded it: read every line first.
Most sites need none. Google ignores most spam links by itself and advises disavowing only where a considerable number
of artificial links has caused a manual action, or is likely to. A domain listed by mistake takes good links with it.
An uploaded file replaces the previous one."""


def disavow_draft(
    links: Links,
    *,
    site: str,
    domains: Iterable[str],
    path: str | os.PathLike[str],
    reasons: Mapping[str, str] | None = None,
    overwrite: bool = False,
) -> Path:
    """Draft a disavow file for links to your own site, from domains that you chose one by one.

    A prospect's high risk means *do not pitch*, never *disavow*. Most sites need no such file.

    Parameters
    ----------
    links
        From `read_links`.
    site
        Your site, one of `links.sites`.
    domains
        Registrable domains with a live link to the site; others are refused.
    path
        A name that ends in `.txt`.
    reasons
        From domain to your own reason for it. Domains without one (left out, or with a missing value) get the reasons
        of the risk screen, as do all with None.
    overwrite
        Whether an existing file may be replaced.

    Returns
    -------
    Path
        The file written: a heading with the warning, then each domain below its reason.

    Raises
    ------
    UnknownSiteError
        When the links don't have the site.
    UnknownDomainError
        When a domain has no live link to the site.
    InvalidArgumentError
        When `links` is something else, there are no domains, one is or contains a public suffix or is a host below a
        domain, the suffix of the file is not allowed, `reasons` names other domains, or the file would exceed Google's
        limits.
    FileExistsAlreadyError
        When the file exists and `overwrite` is False.
    MissingFileError
        When the folder does not exist.
    UnwritableFileError
        When the file can't be written; what was there before is untouched.

    Examples
    --------
    >>> from tempfile import TemporaryDirectory
    >>> import linkgap as lg
    >>> links = lg.read_links(lg.sample_exports())
    >>> linking = links.frame.query("site == 'oakdesk.example' and not is_lost")["source_domain"].iloc[0]
    >>> with TemporaryDirectory() as folder:
    ...     path = lg.disavow_draft(
    ...         links,
    ...         site="oakdesk.example",
    ...         domains=[linking],
    ...         path=f"{folder}/disavow.txt",
    ...         reasons={linking: "paid link"},
    ...     )
    ...     lines = path.read_text(encoding="utf-8").splitlines()
    >>> lines[-2], lines[-1] == f"domain:{linking}"
    ('# paid link', True)
    """
    target = _checked_target(path, overwrite=overwrite)
    check_kind(links, Links, "links", "links, as read_links returns them")
    name = known_site(site, links.sites, "site")
    chosen = sorted({_named_domain(text, "domains") for text in listed(domains, "domains")})
    if not chosen:
        raise InvalidArgumentError("domains= is empty. Allowed: at least one domain that links to the site.")
    why = _screened(links, name, chosen) | _given_reasons(reasons, chosen)
    text = "".join(f"{line}\n" for line in _lines(name, {domain: why[domain] for domain in chosen}))
    _check_size(text)
    with whole_file(target, overwrite=overwrite) as draft:
        draft.write_text(text, encoding="utf-8", newline="\n")
    return target


def _checked_target(path: str | os.PathLike[str], *, overwrite: bool) -> Path:
    target = path_of(path)
    if target.suffix.lower() != ".txt":
        raise InvalidArgumentError(
            f"{target.name!r} is not a name for a disavow file. Allowed: names that end in .txt."
        )
    check_place(target, overwrite=overwrite)
    return target


def _given_reasons(reasons: Mapping[str, str] | None, chosen: list[str]) -> dict[str, str]:
    if reasons is not None and not isinstance(reasons, Mapping):
        raise InvalidArgumentError(
            f"reasons={reasons!r} is not allowed. Allowed: a dict from domains to words, or None."
        )
    by_domain = {_named_domain(domain, "reasons"): words for domain, words in (reasons or {}).items()}
    given = {domain: str(words) for domain, words in by_domain.items() if not _is_missing(words)}
    if unknown := set(by_domain).difference(chosen):
        raise InvalidArgumentError(f"reasons= names {in_words(unknown)}. Allowed: only domains that domains= lists.")
    return given


def _named_domain(text: str, option: str) -> str:
    """Return a domain as the links have it; refuse one below which there are sites of several owners."""
    host = host_of(text) if isinstance(text, str) else None
    if host is None:
        raise InvalidArgumentError(
            f"{option}= contains {text!r}, which is not a domain. Allowed: such as 'example.com'."
        )
    domain = registrable_domain(host)
    if _covers_others(domain):
        what = "contains a public suffix" if domain in _above_suffixes() else "is a public suffix"
        raise InvalidArgumentError(
            f"{domain} {what}: disavowing it would disavow every site below it. "
            "Allowed: individual domains below it, as lists of links show them."
        )
    if host not in {domain, f"www.{domain}"}:
        raise InvalidArgumentError(
            f"{option}= contains {text!r}, a host of {domain}. Allowed: the domain as a whole, {domain!r}."
        )
    return domain


def _covers_others(domain: str) -> bool:
    """Tell whether a domain is a public suffix, wildcard rules included, or a parent of one."""
    plain, wildcard, exception = public_suffixes()
    by_asterisk = domain in wildcard or domain.partition(".")[2] in wildcard
    return domain in plain or domain in _above_suffixes() or (by_asterisk and domain not in exception)


@lru_cache(maxsize=1)
def _above_suffixes() -> frozenset[str]:
    """Return the parents of public suffixes that are not suffixes themselves: amazonaws.com, for s3.amazonaws.com."""
    plain, wildcard, _ = public_suffixes()
    labels = [rule.split(".") for rule in plain | wildcard]
    above = {".".join(each[place:]) for each in labels for place in range(1, len(each))}
    return frozenset(above - plain - wildcard)


def _is_missing(words: object) -> bool:
    """Tell whether a value is missing, as in the column of a frame: None, NaN or NA."""
    return bool(pd.Series([words], dtype=object).isna().all())


def _screened(links: Links, site: str, chosen: list[str]) -> dict[str, str]:
    """Return the reasons of the risk screen for domains that link to the site; refuse any other."""
    question = Question(site=site, rivals=(), min_rivals=0)
    with links.engine.turn:
        count_members(links, question)
        own = find_own(links.engine, question)
    names = names_of(links.engine, question.level, own.number)
    if unknown := set(chosen).difference(names):
        raise UnknownDomainError(
            f"No live link to {site} is known from {in_words(unknown)}. Allowed: domains that link to it, "
            "see links.frame. Only links to your own site can be disavowed, and lost ones need not be."
        )
    wanted = frozenset(chosen)  # numpy would compare each name with every wanted one
    places = np.array([place for place, name in enumerate(names) if name in wanted])
    risk = screen_domains(links, question, own, signs=signs_of(links, question, own))
    return {names[place]: words for place, words in zip(places, risk.words(places), strict=True)}


def _lines(site: str, why: Mapping[str, str]) -> Iterator[str]:
    yield from (f"# {line}" for line in _HEADING.format(site=site).splitlines())
    for domain, words in why.items():
        yield from ("", f"# {_one_line(words) or NO_REASON}", f"domain:{domain}")


def _one_line(text: str) -> str:
    """Return a text as one printable line, cut if it is too long, so that it can't break out of its comment."""
    line = " ".join(text.split())
    return "".join(sign for sign in line if sign.isprintable())[:_LONGEST_REASON].strip()


def _check_size(text: str) -> None:
    lines, size = text.count("\n"), len(text.encode())
    if lines > MOST_LINES or size > MOST_BYTES:
        raise InvalidArgumentError(
            f"The file would have {lines:,} lines and {size:,} bytes. Google accepts {MOST_LINES:,} lines and "
            f"{MOST_BYTES:,} bytes: choose fewer domains."
        )
