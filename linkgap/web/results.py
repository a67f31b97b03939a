"""The results of looking at pages, in words and as a table."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass, field
from functools import cached_property
from html import escape
from typing import TYPE_CHECKING, Any

import pandas as pd

from linkgap.errors import counted
from linkgap.schema import PAGE_CHECKS, PAGE_RESULTS, PageResult

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from linkgap.web.extraction import PageFacts, PageLink
    from linkgap.web.fetching import Answer, Ending
    from linkgap.web.looking import Looked

    Row = dict[str, Any]

_RESULT_OF: dict[Ending, PageResult] = {
    "gone": "page gone",
    "refused": "no access",
    "robots": "robots.txt forbids",
    "not public": "address not public",
    "failed": "no answer",
    "invalid URL": "not readable",
    "not asked": "not asked",
}
_SHORT_IN_WORDS = {
    "size": "it is longer than 2 MB",
    "time": "it took too long",
    "connection": "the connection was lost",
}
_DTYPES: dict[str, Any] = {"integer": "Int64", "boolean": "boolean", "text": object}
_SHOWN = ("domain", "page_result", "page_outcome", "link_anchor", "link_place", "contact_page", "emails")


@dataclass(frozen=True, eq=False)
class PageChecks:
    """What the sample pages of prospects say today. Made by `check_pages`.

    Attributes
    ----------
    site
        The site whose prospects they are.
    rows
        One mapping per prospect, with the columns of `linkgap.schema.PAGE_CHECKS`.
    notes
        Sentences on how it was done: how many requests were sent, and whether a proxy was left unused.
    """

    site: str
    rows: Sequence[Mapping[str, Any]] = field(repr=False)
    notes: tuple[str, ...] = ()

    def __len__(self) -> int:
        """Return how many prospects were chosen."""
        return len(self.rows)

    def __repr__(self) -> str:
        """State how many prospects, and the results of their pages."""
        counts = ", ".join(f"{number:,} {result}" for result, number in self.counts.items() if number)
        broken = sum(row["link_target_gone"] is True for row in self.rows)
        more = f"; {counted(broken, 'broken link')} to offer a replacement for" if broken else ""
        return f"Pages of {counted(len(self), 'prospect')} for {self.site}" + (f": {counts}" if counts else "") + more

    def _repr_html_(self) -> str:
        """Show the finding, the first pages and the notes."""
        notes = "".join(f"<li>{escape(note)}</li>" for note in self.notes)
        table = self.frame[list(_SHOWN)].head(20).to_html(index=False, na_rep="", border=0)
        return f"<p>{escape(repr(self))}</p>{table}<ul>{notes}</ul>"

    @property
    def counts(self) -> dict[PageResult, int]:
        """How many prospects have each of the results in `linkgap.schema.PAGE_RESULTS`."""
        found = Counter(row["page_result"] for row in self.rows)
        return {result: found[result] for result in PAGE_RESULTS}

    @cached_property
    def frame(self) -> pd.DataFrame:
        """One row for each prospect, by rank or in the order of `domains`, see `linkgap.schema.PAGE_CHECKS`."""
        columns = {}
        for column in PAGE_CHECKS:
            values = pd.Series([row[column.name] for row in self.rows], dtype=object)
            if column.type == "date":
                columns[column.name] = pd.to_datetime(values, utc=True).dt.tz_localize(None).astype("datetime64[us]")
            else:
                columns[column.name] = values.astype(_DTYPES[column.type])
        return pd.DataFrame(columns)


def row_of(domain: str, url: str | None, looked: Looked | None, site: str) -> Row:
    """Return the row of a prospect from what its page shows, before the target of its link is looked at."""
    row: Row = dict.fromkeys(column.name for column in PAGE_CHECKS)
    row |= {"domain": domain, "page_url": url}
    if looked is None:
        words = "No export shows a page of this prospect that links to a rival."
        return row | {"page_result": "no page known", "page_outcome": words}
    answer, facts = looked
    row |= {
        "page_final_url": answer.final_url,
        "page_status": answer.status,
        "page_checked_at": answer.asked_at,
    }
    if facts is None:
        return row | _unread(answer)
    return row | _read(answer, facts, site)


def _unread(answer: Answer) -> Row:
    # Imported here, as it needs optional libraries; check_pages says if they are missing.
    from linkgap.web.manners import UNREADABLE_ENCODING

    if answer.ending != "answered":
        words = f"The page {answer.words}."
        return {"page_result": _RESULT_OF[answer.ending], "page_outcome": words}
    if answer.short == UNREADABLE_ENCODING:
        words = "The answer is compressed in a way that was not asked for and could not be read."
        return {"page_result": "not readable", "page_outcome": words}
    kind = answer.headers.get("Content-Type", "").partition(";")[0].strip() or "unknown"
    return {"page_result": "not readable", "page_outcome": f"This is not a web page; its content type is {kind}."}


def _read(answer: Answer, facts: PageFacts, site: str) -> Row:
    if facts.compared_site is not None:
        words = f"The page leads to {facts.compared_site} itself and has no content of its own."
        return {"page_result": "link not found", "page_outcome": words}
    to_rivals = [link for link in facts.links if link.site != site]
    best = min(to_rivals, key=lambda link: not link.follow, default=None)
    own = len(facts.links) - len(to_rivals)
    result, words = _in_words(answer, facts, best)
    already = f" It already links to {site}." if own else ""
    return {
        "page_result": result,
        "page_outcome": words + already,
        "rival_links": len(to_rivals),
        "rivals_found": ", ".join(sorted({link.site for link in to_rivals})),
        "site_links": own,
        **_link_columns(best),
        "external_links": facts.external_links,
        "page_title": facts.title or None,
        "page_language": facts.language or None,
        "page_noindex": facts.noindex,
        "page_canonical": facts.canonical or None,
        "page_published": facts.published,
        "page_changed": facts.changed,
        "contact_page": facts.contact_page or None,
        "emails": ", ".join(facts.emails) or None,
        "write_for_us": facts.write_for_us or None,
        "resource_page": facts.resource_page,
    }


def _link_columns(link: PageLink | None) -> Row:
    if link is None:
        return {}
    return {
        "link_target": link.target,
        "link_anchor": link.anchor,
        "link_rel": link.rel,
        "link_place": link.place,
        "link_follow": link.follow,
    }


def _in_words(answer: Answer, facts: PageFacts, link: PageLink | None) -> tuple[PageResult, str]:
    if link is not None:
        followed = "followed" if link.follow else "not followed"
        return "link found", f"The page links to {link.site} in its {link.place} ({followed})."
    if answer.short:
        why = _SHORT_IN_WORDS[answer.short]
        return "not readable", f"Only the page's beginning was read, because {why}; it contains no link to a rival."
    if facts.is_cut:
        return "not readable", "The page has more links than were checked; none of those checked leads to a rival."
    return "link not found", "The page exists but contains no link to a rival."


def with_target(row: Row, target: Answer | None) -> Row:
    """Return the row of a prospect with the outcome of looking at the target of its link."""
    if target is None:
        return row
    gone = True if target.ending == "gone" else False if target.ending == "answered" else None
    words = f"The link's target {target.words}."
    outcome = f"{row['page_outcome']} {words}" if gone else row["page_outcome"]
    return row | {
        "link_target_status": target.status,
        "link_target_gone": gone,
        "link_target_outcome": words,
        "page_outcome": outcome,
    }
