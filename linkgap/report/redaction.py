"""What a report can leave out everywhere: from its text, from the explorer's data and so from what is exported."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from linkgap.errors import InvalidArgumentError, in_words, listed

if TYPE_CHECKING:
    from collections.abc import Iterable

    import pandas as pd

REDACTABLE = {
    "contacts": "whom to write to, who does so, and every e-mail address in a text",
    "notes": "what was noted about a domain",
    "pages": "addresses, titles and anchors of pages, so that only domains are named",
}
"""What can be left out, each with its meaning."""

_OF_PAGES = (
    *("sample_url", "sample_anchor", "sample_target", "title", "tactic_evidence"),
    *("page_outcome", "link_target_outcome", "contact_page", "write_for_us"),
)
_OF_CONTACTS = ("contact_page", "emails")
_OF_OUTREACH = {"contacts": ("contact", "owner"), "notes": ("note",)}
_ADDRESS = re.compile(r"[^\s@<>()\"',;:/?=&]+(?:@|%40)[\w-]+(?:\.[\w-]+)+")
_LEFT_OUT = "[address left out]"


def check_redact(redact: Iterable[str]) -> frozenset[str]:
    """Return what is to be left out.

    Raises
    ------
    InvalidArgumentError
        When a name is not in `REDACTABLE`.
    """
    asked = frozenset(listed(redact, "redact"))
    unknown = asked - set(REDACTABLE)
    if unknown:
        message = f"redact={sorted(unknown)} is not allowed. Allowed: {in_words(REDACTABLE)}."
        raise InvalidArgumentError(message)
    return asked


def redacted_table(frame: pd.DataFrame, redact: frozenset[str]) -> pd.DataFrame:
    """Return a table of prospects without the columns and the e-mail addresses that are to be left out."""
    left = frame.drop(columns=[*_OF_PAGES], errors="ignore") if "pages" in redact else frame
    if "contacts" not in redact:
        return left
    left = left.drop(columns=[*_OF_CONTACTS], errors="ignore")
    texts = [name for name in _OF_PAGES if name in left]
    return left.assign(**{name: left[name].map(without_addresses, na_action="ignore") for name in texts})


def redacted_outreach(frame: pd.DataFrame, redact: frozenset[str]) -> pd.DataFrame:
    """Return the outreach table without what is to be left out."""
    left = frame.drop(columns=[name for word in redact for name in _OF_OUTREACH.get(word, ())])
    if "contacts" in redact and "note" in left:
        return left.assign(note=left["note"].map(without_addresses, na_action="ignore"))
    return left


def without_addresses(text: str) -> str:
    """Return a text without e-mail addresses.

    Examples
    --------
    >>> without_addresses("ask Ann (ann@blog.example) or a%40b.example")
    'ask Ann ([address left out]) or [address left out]'
    """
    return _ADDRESS.sub(_LEFT_OUT, text)
