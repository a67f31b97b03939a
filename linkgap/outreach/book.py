"""`open_outreach`: what was done about which prospect, kept in a file that outlives kernels, exports and rankings.

How a book behaves, for those who build on it:

- `book.set(domains, status=..., note=..., ...)` returns once the change is on the disk. None leaves a field as it is,
  `""` clears it. Setting a value that a field has already is no change, so a cell may run again. All domains of a call
  change together, or none does.
- `book.frame` is read from the file on every access, so it shows what other notebooks did. It has one row for each
  domain that was ever changed; a domain that is not in it is new. Missing texts are None.
- `book.undo()` undoes the last step (one `set` or `import_csv`) of this book that was not undone yet; called again, the
  one before. A field that was changed again since, here or by another notebook, is left alone. It returns how many
  fields changed: 0 when nothing is left to undo. A new kernel begins a new book, with nothing to undo.
- `book.hidden` is a frozenset of the domains whose status is hidden.
- Domains are registrable domains: `set("https://www.blog.example/page")` is about `blog.example`.
- It may be used from any thread. Every error is a `LinkgapError`, and after one nothing was changed.
"""

from __future__ import annotations

import datetime as dt
import getpass
import secrets
from collections import Counter
from dataclasses import dataclass, field
from html import escape
from typing import TYPE_CHECKING

from linkgap.domains import parse_site
from linkgap.errors import InvalidArgumentError, check_kind, counted, in_words
from linkgap.outreach.changes import (
    DEFAULT_FILE,
    Change,
    ChangeFile,
    Maker,
    append,
    changes_of,
    moments_of,
    open_changes,
    steps_to_undo,
    value_now,
    values_now,
)
from linkgap.outreach.fields import FIELDS, clean_text, read_domain, read_domains, read_fields
from linkgap.outreach.sheets import SheetReceipt, read_sheet, write_sheet
from linkgap.outreach.tables import table_of
from linkgap.schema import HISTORY, OUTREACH, STATUSES

if TYPE_CHECKING:
    import os
    import sqlite3
    from collections.abc import Callable, Iterable, Mapping
    from pathlib import Path

    import pandas as pd

    from linkgap.gap.membership import Gap
    from linkgap.loaders.links import Links
    from linkgap.schema import Status

    Day = dt.date | str
    Values = Mapping[str, str | None]


@dataclass(frozen=True, eq=False)
class Outreach:
    """Status, note, owner, dates and contact of each domain, for one site. Made by `open_outreach`.

    Attributes
    ----------
    file
        The file that keeps all changes.
    site
        The site whose outreach this is; books of several sites may share a file.
    by
        Who makes the changes of this book; None names nobody.
    clock
        Returns the current time, with its time zone; its date is today.
    session
        Random text that distinguishes this book's changes from those of others.
    """

    file: ChangeFile
    site: str
    by: str | None
    clock: Callable[[], dt.datetime] = field(repr=False)
    session: str = field(repr=False)

    def __repr__(self) -> str:
        """State how many domains it has, and how many of each status."""
        counts = Counter(str(row["status"]) for row in self._rows())
        words = ", ".join(f"{counts[status]:,} {status}" for status in STATUSES if counts[status])
        domains = counted(counts.total(), "domain")
        return f"Outreach for {self.site}: {domains}{f' ({words})' if words else ''} in {self.file.path.name}"

    def _repr_html_(self) -> str:
        """Show the finding and the first domains."""
        return f"<p>{escape(repr(self))}</p>" + self.frame.head(20).to_html(index=False, na_rep="", border=0)

    @property
    def frame(self) -> pd.DataFrame:
        """What is known now, one row per domain in alphabetical order, see `linkgap.schema.OUTREACH`."""
        return table_of(self._rows(), OUTREACH)

    @property
    def hidden(self) -> frozenset[str]:
        """The domains whose status is hidden, which are not to be shown again."""
        return frozenset(str(row["domain"]) for row in self._rows() if row["status"] == "hidden")

    def set(
        self,
        domains: str | Iterable[str],
        *,
        status: Status | None = None,
        note: str | None = None,
        owner: str | None = None,
        contact: str | None = None,
        contacted_on: Day | None = None,
        next_on: Day | None = None,
    ) -> int:
        """Change fields of one or several domains, and return once the changes are on the disk.

        Parameters
        ----------
        domains
            Domains, hosts or addresses; they count as their registrable domains.
        status
            `new`, `shortlisted`, `contacted`, `replied`, `won`, `rejected` or `hidden`. When it becomes contacted,
            `contacted_on` becomes today, unless that is given too.
        note
            Up to 10,000 characters.
        owner, contact
            Who takes care of it, and whom to write to; up to 500 characters each.
        contacted_on, next_on
            Days: a date or `"2026-01-31"`.

            For all of these fields, None leaves the value as it is, and `""` clears it (a status can't be cleared).

        Returns
        -------
        int
            How many fields changed; 0 when they had these values already.

        Raises
        ------
        InvalidArgumentError
            When a text is not a domain, a value is not allowed, or no value is given.
        UnwritableFileError
            When the file can't be written, or another program keeps it locked for 30 seconds.

        Examples
        --------
        >>> from tempfile import TemporaryDirectory
        >>> import linkgap as lg
        >>> with TemporaryDirectory() as folder:
        ...     book = lg.open_outreach(f"{folder}/outreach.sqlite", site="oakdesk.example")
        ...     book.set(["photopile.example", "www.blog.example"], status="shortlisted", owner="Kim")
        ...     book.frame[["domain", "status", "owner"]].to_numpy().tolist()
        4
        [['blog.example', 'shortlisted', 'Kim'], ['photopile.example', 'shortlisted', 'Kim']]
        """
        values = {
            "status": status,
            "note": note,
            "owner": owner,
            "contact": contact,
            "contacted_on": contacted_on,
            "next_on": next_on,
        }
        return self._keep(dict.fromkeys(read_domains(domains), read_fields(values)), dated=contacted_on is None)

    def undo(self) -> int:
        """Undo the last step of this book that was not undone yet; the undoing is recorded as a change, too.

        Fields that were changed again since are left alone.

        Returns
        -------
        int
            How many fields changed; 0 when there is nothing to undo.

        Examples
        --------
        >>> from tempfile import TemporaryDirectory
        >>> import linkgap as lg
        >>> with TemporaryDirectory() as folder:
        ...     book = lg.open_outreach(f"{folder}/outreach.sqlite", site="oakdesk.example")
        ...     changed = book.set("blog.example", status="rejected")
        ...     book.undo(), book.undo(), book.frame["status"].tolist()
        (1, 0, ['new'])
        """
        maker = self._maker(self.clock())
        with self.file.writing() as connection:
            for step in steps_to_undo(connection, self.session):
                done = changes_of(connection, self.session, step)
                unchanged = [change for change in done if self._now(connection, *change[:2]) == change.new]
                if unchanged:
                    back = (Change(change.domain, change.field, change.new, change.old) for change in unchanged)
                    return append(connection, back, maker, undoes=step)
        return 0

    def history(self, domain: str | None = None) -> pd.DataFrame:
        """Return every change in order, see `linkgap.schema.HISTORY`.

        Parameters
        ----------
        domain
            Return only the changes to this domain; None returns all changes of the site.

        Raises
        ------
        InvalidArgumentError
            When it is not a domain.
        """
        if domain is not None:
            check_kind(domain, str, "domain", "one domain as a text, such as 'blog.example', or None for all")
        chosen = None if domain is None else read_domains(domain)[0]
        names = [column.name for column in HISTORY]
        with self.file.reading() as connection:
            rows = connection.execute(
                f"SELECT {', '.join(names)} FROM changes WHERE site = ? AND (? IS NULL OR domain = ?) ORDER BY number",
                (self.site, chosen, chosen),
            ).fetchall()
        return table_of((dict(zip(names, row, strict=True)) for row in rows), HISTORY)

    def join(self, frame: pd.DataFrame) -> pd.DataFrame:
        """Return a table of prospects with further columns for what is known about each.

        Parameters
        ----------
        frame
            A table with a column `domain`, of prospects or anything else. Hosts get what is known of their domain.

        Returns
        -------
        DataFrame
            The same rows in the same order, with the columns of `linkgap.schema.OUTREACH` appended; domains that are
            not in the book have the status new.

        Raises
        ------
        InvalidArgumentError
            When it is not a table, has no column `domain` or two, or has one of the new columns already.
        """
        import pandas as pd

        check_kind(frame, pd.DataFrame, "frame", "a DataFrame with a column named domain, such as prospects.frame")
        if list(frame).count("domain") > 1:
            message = "The table has two columns named domain. Rename or drop one of them."
            raise InvalidArgumentError(message)
        if "domain" not in frame:
            message = (
                f"The table has no column named domain. Its columns: {in_words(frame)}. Rename the one with domains."
            )
            raise InvalidArgumentError(message)
        taken = {column.name for column in OUTREACH[1:]} & set(frame)
        if taken:
            message = f"The table already has {in_words(taken)}. Join it as it was before, or drop these columns."
            raise InvalidArgumentError(message)
        known = {row["domain"]: row for row in self._rows()}
        unknown = dict.fromkeys(column.name for column in OUTREACH) | {"status": "new"}
        rows = (known.get(read_domain(str(each)), unknown) for each in frame["domain"])
        added = table_of(rows, OUTREACH[1:]).set_axis(frame.index)
        return frame.assign(**{str(name): added[name] for name in added})

    def check(self, links_or_gap: Links | Gap) -> pd.DataFrame:
        """Tell for each domain that was won whether the given links show its link to the site.

        Parameters
        ----------
        links_or_gap
            From `read_links` or `find_gap`, with the site's own exports among the files.

        Returns
        -------
        DataFrame
            One row per domain whose status is won, see `linkgap.schema.WON`. `confirmed`: a link is live. `lost again`:
            there were links, and the last was lost on the day the domain was won or later, or on an unknown day.
            `not seen`: no list shows a link since then; it may be too new for the lists, or they are cut.

        Raises
        ------
        InvalidArgumentError
            When it is given anything else.
        UnknownSiteError
            When the links do not include the book's site.
        """
        from linkgap.outreach.winning import find_won

        zone = self.clock().tzinfo
        with self.file.reading() as connection:
            states = values_now(connection, self.site)
            moments = moments_of(connection, self.site, "status", "won")
        won = {
            domain: dt.datetime.fromisoformat(moments.get(domain, at)).astimezone(zone).date()
            for domain, name, new, at, _ in states
            if (name, new) == ("status", "won")
        }
        return find_won(links_or_gap, self.site, won)

    def export_csv(self, path: str | os.PathLike[str], *, overwrite: bool = False) -> Path:
        """Write what is known now as a CSV sheet, which people can fill in and `import_csv` reads back.

        Parameters
        ----------
        path
            Must end in `.csv`.
        overwrite
            Whether an existing file may be replaced.

        Raises
        ------
        InvalidArgumentError
            When the path does not end in `.csv`.
        FileExistsAlreadyError
            When the file exists and `overwrite` is False.
        MissingFileError
            When the folder does not exist.
        UnwritableFileError
            When the file can't be written; what was there before is untouched.

        Notes
        -----
        Text that a spreadsheet would run as a formula gets an apostrophe in front; `import_csv` removes just that one.
        """
        return write_sheet(self._rows(), path, overwrite=overwrite)

    def import_csv(self, path: str | os.PathLike[str], *, day_first: bool | None = None) -> SheetReceipt:
        """Apply the changes in a CSV sheet, all of them as one step, which `undo` can undo.

        Parameters
        ----------
        path
            A sheet with a column Domain and any of Status, Note, Owner, Contact, Contacted on and Next on, as
            `export_csv` and the preset `outreach` of `export_prospects` write them. An empty cell changes nothing; a
            contact's name and address are joined: `Jo <jo@blog.example>`. Hosts count as their registrable domain, and
            several rows of one domain are merged; a row that contradicts an earlier one is set aside. Dates may be in
            formats that spreadsheets write, such as 31.01.2026 or 1/31/2026. A cell that can't be read does not affect
            the other cells of its row.
        day_first
            Whether 03/04/2026, as a spreadsheet may have written it, is the 3rd of April. None infers this from all
            dates of the sheet; if they don't show it, such cells are not read.

        Returns
        -------
        SheetReceipt
            How many rows were kept, and with line and reason each row that was not and each cell that could not be
            read.

        Raises
        ------
        InvalidArgumentError
            When `day_first` is neither True, False nor None, or the path is a folder.
        MissingFileError
            When there is no such file.
        UnreadableFileError
            When it can't be opened, is not text, or lacks the column Domain or any other column of a sheet.
        UnwritableFileError
            When the outreach file can't be written.
        """
        if day_first is not None:
            check_kind(day_first, bool, "day_first", "True, False or None")
        sheet = read_sheet(path, day_first=day_first)
        return sheet.receipt(changes=self._keep(sheet.values, dated=False))

    def _rows(self) -> list[dict[str, str | None]]:
        """Return what is known now, one row per domain."""
        with self.file.reading() as connection:
            states = values_now(connection, self.site)
        rows: dict[str, dict[str, str | None]] = {}
        for domain, name, new, at, by in states:
            row = rows.setdefault(domain, {"domain": domain, **dict.fromkeys(FIELDS), "status": "new"})
            row |= {name: new, "changed_at": at, "changed_by": by}
        return list(rows.values())

    def _keep(self, values: Mapping[str, Values], *, dated: bool) -> int:
        """Write the values of each domain as one step; if `dated`, a status that becomes contacted is dated today."""
        moment = self.clock()
        with self.file.writing() as connection:
            changes = [
                Change(domain, name, self._now(connection, domain, name), new)
                for domain, fields in values.items()
                for name, new in fields.items()
            ]
            today = moment.date().isoformat()
            changes += [
                Change(change.domain, "contacted_on", self._now(connection, change.domain, "contacted_on"), today)
                for change in changes
                if dated and change.new == "contacted" != change.old and change.field == "status"
            ]
            return append(connection, changes, self._maker(moment))

    def _now(self, connection: sqlite3.Connection, domain: str, name: str) -> str | None:
        return value_now(connection, self.site, domain, name) or ("new" if name == "status" else None)

    def _maker(self, moment: dt.datetime) -> Maker:
        at = moment.astimezone(dt.UTC).isoformat(timespec="microseconds")
        return Maker(self.site, at, self.by, self.session)


def open_outreach(
    path: str | os.PathLike[str] = DEFAULT_FILE,
    *,
    site: str,
    by: str | None = None,
    clock: Callable[[], dt.datetime] | None = None,
) -> Outreach:
    """Open the file that records what was done about which prospect; it is created if it does not exist.

    Several notebooks may use it at once. Once `set` has returned, the change is on the disk, even if the kernel dies.

    Parameters
    ----------
    path
        The SQLite file, by default `linkgap-outreach.sqlite` in the current folder: beside the notebook.
    site
        The site whose outreach it is: a domain, a host or a URL prefix, as in `find_gap`.
    by
        Who makes the changes; None takes the name of this computer's user, `""` names nobody.
    clock
        Returns the current time, with its time zone; None takes this computer's clock.

    Returns
    -------
    Outreach
        With `.set`, `.undo`, `.frame`, `.history()`, `.hidden`, `.join`, `.check`, `.export_csv` and `.import_csv`.

    Raises
    ------
    InvalidArgumentError
        When `site` is not a site, `by` not a text, `clock` not a function, or the path is a folder or not valid.
    MissingFileError
        When the folder does not exist.
    UnreadableFileError
        When the file is not an outreach file, or was written by a newer linkgap.
    UnwritableFileError
        When the file can't be created, or another program keeps it locked for 30 seconds.

    Examples
    --------
    >>> from tempfile import TemporaryDirectory
    >>> import linkgap as lg
    >>> with TemporaryDirectory() as folder:
    ...     book = lg.open_outreach(f"{folder}/outreach.sqlite", site="oakdesk.example")
    ...     changed = book.set("photopile.example", status="contacted", note="wrote to the editor")
    ...     book
    Outreach for oakdesk.example: 1 domain (1 contacted) in outreach.sqlite
    """
    if not isinstance(site, str):
        message = f"site={site!r} is not a site. Allowed: a text, such as 'example.com'."
        raise InvalidArgumentError(message)
    if by is not None:
        check_kind(by, str, "by", "a name, '' for nobody, or None for this computer's user")
    if clock is not None and not callable(clock):
        message = (
            f"clock is of type {type(clock).__name__}. Allowed: a function that returns a datetime with its time zone."
        )
        raise InvalidArgumentError(message)
    site_name = str(parse_site(site))
    name = clean_text(_user() if by is None else by) or None
    return Outreach(open_changes(path), site_name, name, clock or _local_time, secrets.token_hex(8))


def _local_time() -> dt.datetime:
    return dt.datetime.now(dt.UTC).astimezone()


def _user() -> str:
    try:
        return getpass.getuser()
    except (ImportError, KeyError, OSError):  # the user has no name, as in some containers
        return ""
