"""`build_report` and `show_report`: the result for people without Python, and in a notebook to pass on."""

from __future__ import annotations

import base64
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from linkgap.drafts import check_place, whole_file
from linkgap.errors import InvalidArgumentError, MissingFileError, check_kind, counted, in_words, is_number
from linkgap.explorer.page import page_parts
from linkgap.explorer.settings import check_ranking, options_of
from linkgap.gap.results import check_backtest
from linkgap.gap.scoring import Prospects, rank_prospects
from linkgap.outreach.book import Outreach, open_outreach
from linkgap.paths import path_of
from linkgap.report.changed import check_changes
from linkgap.report.redaction import check_redact
from linkgap.report.rendering import as_fragment, as_html, as_json_text, as_markdown
from linkgap.report.sources import Sources
from linkgap.report.summary import check_sections, summarise

if TYPE_CHECKING:
    import os
    from collections.abc import Iterable
    from pathlib import Path

    from linkgap.explorer.page import Parts
    from linkgap.gap.changes import Changes
    from linkgap.gap.results import Backtest

KINDS = (".html", ".json", ".md")
MOST_LOGO_BYTES = 500_000
_IMAGES = {
    b"\x89PNG\r\n\x1a\n": "image/png",
    b"\xff\xd8\xff": "image/jpeg",
    b"GIF8": "image/gif",
    b"RIFF": "image/webp",
    b"<svg": "image/svg+xml",
    b"<?xml": "image/svg+xml",
}
"""First bytes of an image file, and its media type. An SVG that is shown as an image can do no harm: no script runs."""


def build_report(
    prospects: Prospects,
    path: str | os.PathLike[str],
    *,
    title: str | None = None,
    intro: str = "",
    logo: str | os.PathLike[str] | None = None,
    sections: Iterable[str] | None = None,
    redact: Iterable[str] = (),
    settings: Mapping[str, Any] | None = None,
    outreach: Outreach | str | os.PathLike[str] | None = None,
    backtest: Backtest | None = None,
    changes: Changes | None = None,
    overwrite: bool = False,
) -> Path:
    """Write a report that people without Python can open: one file, no network, no kernel, the explorer inside.

    Parameters
    ----------
    prospects
        From `rank_prospects`, or an explorer's `.prospects`.
    path
        Ends in `.html` (with the working explorer), `.md` or `.json` (the same summary without it).
    title, intro
        Title of the page, None for linkgap's own, and a text below it, in which a blank line begins a new paragraph.
    logo
        A PNG, JPEG, GIF, WebP or SVG file of 500 kB at most, which becomes part of the page.
    sections
        Which sections to include, in this order: any of `finding`, `best`, `changes`, `worth`, `pictures`, `outreach`,
        `explorer`, `list` (for paper), `method`, `files` and `settings`; None includes all.
    redact
        What to leave out everywhere, also from the explorer's data and from files exported from it: `notes`, `contacts`
        (with all e-mail addresses in texts), `pages` (their addresses, titles and anchors).
    settings
        From an explorer's `.settings`: the report is ranked by them, and its explorer opens with them.
    outreach
        From `open_outreach`, or the path of its file: the report says how far outreach has come, and its first ten are
        prospects that nobody has written to yet. None leaves it out.
    backtest
        From `lg.backtest(gap)`: how well the ranking finds known links that were hidden from it.
    changes
        From `compare_links`: what changed since the earlier exports. None leaves it out.
    overwrite
        Whether to replace an existing file.

    Returns
    -------
    Path
        The file, written completely or not at all. The same input gives the same bytes.

    Raises
    ------
    InvalidArgumentError
        When `prospects` or an option is not one of those allowed, or the path has another suffix.
    FileExistsAlreadyError
        When the file exists and `overwrite` is False.
    MissingFileError
        When the folder, the logo or the outreach file does not exist.
    UnreadableFileError
        When the outreach file is not one that `open_outreach` keeps.
    UnwritableFileError
        When the file can't be written; a file that existed before is left untouched.

    Examples
    --------
    >>> from tempfile import TemporaryDirectory
    >>> import linkgap as lg
    >>> gap = lg.find_gap(lg.read_links(lg.sample_exports()), site="oakdesk.example")
    >>> with TemporaryDirectory() as folder:
    ...     lg.build_report(lg.rank_prospects(gap), f"{folder}/gap.html", redact=["pages"]).name
    'gap.html'
    """
    _check_prospects(prospects, "build_report")
    _check_words(title, intro)
    target = check_report(path, overwrite=overwrite)
    kind = target.suffix.lower()
    sources = _sources(prospects, backtest, outreach, settings, redact, changes)
    asked, image = check_sections(sections), _logo(logo)
    explorer = _explorer(sources, asked) if kind == ".html" else None
    summary = summarise(sources, title=title, intro=intro, logo=image, sections=asked)
    match kind:
        case ".json":
            text = as_json_text(summary)
        case ".md":
            text = as_markdown(summary)
        case _:
            text = as_html(summary, explorer)
    with whole_file(target, overwrite=overwrite) as beside:
        beside.write_text(text, encoding="utf-8", newline="\n", errors="replace")
    return target


@dataclass(frozen=True, eq=False)
class ReportView:
    """A report, or sections of it, in a notebook. Made by `show_report`.

    Attributes
    ----------
    summary
        What the report says, as plain values.
    """

    summary: Mapping[str, Any]
    _explorer: Parts | None = field(repr=False)
    _height: int = field(repr=False)

    def __repr__(self) -> str:
        """State the report's title and how many sections it has."""
        return f"Report: {self.summary['title']} ({counted(len(self.summary['sections']), 'section')})"

    def _repr_html_(self) -> str:
        """Show the sections; the explorer works with no kernel, also after `jupyter nbconvert --to html`."""
        return as_fragment(self.summary, self._explorer, height=self._height)


def show_report(
    prospects: Prospects,
    *,
    sections: Iterable[str] | None = None,
    redact: Iterable[str] = (),
    settings: Mapping[str, Any] | None = None,
    outreach: Outreach | str | os.PathLike[str] | None = None,
    backtest: Backtest | None = None,
    changes: Changes | None = None,
    height: int = 900,
) -> ReportView:
    """Show a report, or sections of it, in a notebook that is exported or passed on.

    For your own work, use `explore`: the explorer shown here saves nothing, but it works without a kernel.

    Parameters
    ----------
    prospects, sections, redact, settings, outreach, backtest, changes
        As in `build_report`.
    height
        Height of the explorer in pixels, 300 to 3,000.

    Returns
    -------
    ReportView
        Shown by a notebook as the last value of a cell.

    Raises
    ------
    InvalidArgumentError
        When `prospects` or an option is not one of those allowed.
    MissingFileError
        When the outreach file does not exist.
    UnreadableFileError
        When it is not one that `open_outreach` keeps.

    Examples
    --------
    >>> import linkgap as lg
    >>> gap = lg.find_gap(lg.read_links(lg.sample_exports()), site="oakdesk.example")
    >>> lg.show_report(lg.rank_prospects(gap), sections=["finding", "best"])
    Report: Link gap of oakdesk.example (2 sections)
    """
    _check_prospects(prospects, "show_report")
    if not is_number(height, whole=True) or not _LEAST_HEIGHT <= height <= _MOST_HEIGHT:
        message = f"height={height!r} is not allowed. Allowed: a whole number from {_LEAST_HEIGHT} to {_MOST_HEIGHT:,}."
        raise InvalidArgumentError(message)
    sources = _sources(prospects, backtest, outreach, settings, redact, changes)
    asked = check_sections(sections)
    explorer = _explorer(sources, asked)
    return ReportView(summarise(sources, sections=asked), explorer, height)


_LEAST_HEIGHT, _MOST_HEIGHT = 300, 3000


def check_report(path: str | os.PathLike[str], *, overwrite: bool) -> Path:
    """Check the path of a report before any long work, raising what `build_report` would, and return it.

    Raises
    ------
    InvalidArgumentError
        When the path's suffix is not one of `KINDS`, or it is a folder.
    FileExistsAlreadyError
        When the file exists and `overwrite` is False.
    MissingFileError
        When the folder does not exist.

    Examples
    --------
    >>> check_report("gap.html", overwrite=True).name
    'gap.html'
    """
    target = path_of(path)
    kind = target.suffix.lower()
    if kind not in KINDS:
        came = f"ends in {kind}" if kind else "has no suffix"
        message = f"{target.name} {came}. Allowed: {in_words(KINDS)}."
        raise InvalidArgumentError(message)
    check_place(target, overwrite=overwrite)
    return target


def check_options(
    path: str | os.PathLike[str],
    *,
    sections: Iterable[str] | None,
    redact: Iterable[str],
    logo: str | os.PathLike[str] | None,
    outreach: str | os.PathLike[str] | None,
    site: str,
    overwrite: bool,
) -> None:
    """Check these options before any long work, raising what `build_report` would."""
    check_report(path, overwrite=overwrite)
    check_sections(sections)
    check_redact(redact)
    _logo(logo)
    open_book(outreach, site)


def _check_prospects(prospects: object, door: str) -> None:
    if not isinstance(prospects, Prospects):
        message = (
            f"{door}() was given a value of type {type(prospects).__name__}. Allowed: what rank_prospects(gap) returns."
        )
        raise InvalidArgumentError(message)


def _check_words(title: str | None, intro: str) -> None:
    if title is not None:
        check_kind(title, str, "title", "a string, or None for linkgap's default title")
    check_kind(intro, str, "intro", "a string; leave it out for no introduction")


def _sources(
    prospects: Prospects,
    backtest: Backtest | None,
    outreach: Outreach | str | os.PathLike[str] | None,
    settings: Mapping[str, Any] | None,
    redact: Iterable[str],
    changes: Changes | None,
) -> Sources:
    check_backtest(backtest, prospects.gap.site)
    check_changes(changes, prospects.gap.site)
    check_kind({} if settings is None else settings, Mapping, "settings", "a dict, as an explorer's .settings")
    given = (settings or {}).get("ranking", {})
    check_ranking(given)
    ranking = options_of(given, prospects.gap.rivals)
    ranked = rank_prospects(prospects.gap, **{**prospects.settings, **ranking}) if ranking else prospects
    book = open_book(outreach, prospects.gap.site)
    return Sources(ranked, backtest, book, dict(settings or {}), check_redact(redact), changes)


def open_book(outreach: Outreach | str | os.PathLike[str] | None, site: str) -> Outreach | None:
    """Return the outreach to report on: as it is given, or opened from its file.

    Raises
    ------
    MissingFileError
        When there is no such file: a mistyped name must not create one.
    UnreadableFileError
        When the file is not one that `open_outreach` keeps.
    """
    if outreach is None or isinstance(outreach, Outreach):
        return outreach
    if not path_of(outreach).exists():
        message = f"There is no outreach file {outreach}. Name the one that open_outreach keeps, or leave it out."
        raise MissingFileError(message)
    return open_outreach(outreach, site=site)


def _logo(path: str | os.PathLike[str] | None) -> str | None:
    """Return the image as a data URL."""
    if path is None:
        return None
    file = path_of(path)
    try:
        image = file.read_bytes()
    except OSError as error:
        message = f"The logo {file} can't be read: {error.strerror}. Name an image file, or leave logo out."
        raise MissingFileError(message) from error
    kind = next(
        (kind for start, kind in _IMAGES.items() if image.lstrip(b"\xef\xbb\xbf \r\n\t").startswith(start)), None
    )
    if kind is None or len(image) > MOST_LOGO_BYTES:
        came = f"has {len(image):,} bytes" if kind else "is not an image that browsers can show"
        message = (
            f"The logo {file.name} {came}. Allowed: PNG, JPEG, GIF, WebP or SVG of {MOST_LOGO_BYTES:,} bytes at most."
        )
        raise InvalidArgumentError(message)
    return f"data:{kind};base64,{base64.b64encode(image).decode()}"


def _explorer(sources: Sources, asked: tuple[str, ...]) -> Parts | None:
    """Pack the explorer if it is asked for. This goes before the summary, whose lists then reuse the whole table."""
    if "explorer" not in asked or not len(sources.prospects):
        return None
    return page_parts(
        sources.prospects,
        settings=sources.settings,
        memory=sources.memory,
        backtest=sources.backtest,
        pages=sources.pages(),
        edit=sources.redacted,
    )
