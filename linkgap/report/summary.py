"""What a report says, as plain values: the same prospects give the same summary, whatever it is rendered as.

A section is one line in `SECTIONS`, a function that gathers plain values, and two templates named after it,
`sections/<name>.html` and `sections/<name>.md`.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, NamedTuple

from linkgap import __version__
from linkgap.errors import InvalidArgumentError, listed
from linkgap.report.changed import gather_changes
from linkgap.report.finding import gather_finding
from linkgap.report.method import gather_files, gather_method, gather_settings
from linkgap.report.pictures import gather_pictures
from linkgap.report.progress import gather_outreach
from linkgap.report.redaction import REDACTABLE
from linkgap.report.shortlist import gather_best, gather_list
from linkgap.report.worth import gather_worth

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable

    from linkgap.report.sources import Sources

    Gather = Callable[[Sources], dict[str, Any] | None]


class Section(NamedTuple):
    """A section: its title, the function that gathers it, and where it is shown: everywhere, on screen or on paper."""

    title: str
    gather: Gather
    where: str = "everywhere"


def _gather_explorer(sources: Sources) -> dict[str, Any]:
    return {"prospects": len(sources.prospects)}


SECTIONS: dict[str, Section] = {
    "finding": Section("In one minute", gather_finding),
    "best": Section("The ten to write to first", gather_best),
    "changes": Section("What changed since last time", gather_changes),
    "worth": Section("What the ranking is worth", gather_worth),
    "pictures": Section("The gap in pictures", gather_pictures),
    "outreach": Section("Where outreach stands", gather_outreach),
    "explorer": Section("All prospects", _gather_explorer, where="screen"),
    "list": Section("The first prospects", gather_list, where="paper"),
    "method": Section("How the list was made", gather_method),
    "files": Section("The files", gather_files),
    "settings": Section("Reproduce this list", gather_settings),
}
"""The sections in their usual order. One that gathers None, such as outreach if none is given, is left out."""


def check_sections(sections: Iterable[str] | None) -> tuple[str, ...]:
    """Return the sections that are asked for, in the order given, without repeats; None asks for all.

    Raises
    ------
    InvalidArgumentError
        When there is no such section, or the list is empty.
    """
    asked = tuple(SECTIONS) if sections is None else tuple(dict.fromkeys(listed(sections, "sections")))
    unknown = set(asked) - set(SECTIONS)
    if unknown or not asked:
        message = (
            f"sections={sorted(unknown)} is not allowed. Allowed: {', '.join(SECTIONS)}; leave it out for all of them."
        )
        raise InvalidArgumentError(message)
    return asked


def summarise(
    sources: Sources,
    *,
    title: str | None = None,
    intro: str = "",
    logo: str | None = None,
    sections: Iterable[str] | None = None,
) -> dict[str, Any]:
    """Return the summary: texts, numbers and lists that can be dumped as JSON.

    Parameters
    ----------
    title, intro, logo
        As in `build_report`; the logo as a data URL.
    sections
        Names from `SECTIONS`, in order; None for all.

    Returns
    -------
    dict
        `title`, `intro` (paragraphs), `logo`, `site`, `rivals`, `made_with`, `left_out`, and `sections`: a mapping from
        names to what each gathers, its `title` first.
    """
    gathered = {name: SECTIONS[name].gather(sources) for name in check_sections(sections)}
    return {
        "title": title or f"Link gap of {sources.site}",
        "intro": [paragraph.strip() for paragraph in intro.split("\n\n") if paragraph.strip()],
        "logo": logo,
        "site": sources.site,
        "rivals": list(sources.gap.rivals),
        "made_with": f"linkgap {__version__}",
        "left_out": [{"what": what, "meaning": REDACTABLE[what]} for what in sorted(sources.redact)],
        "sections": {
            name: {"title": SECTIONS[name].title, **section}
            for name, section in gathered.items()
            if section is not None
        },
    }
