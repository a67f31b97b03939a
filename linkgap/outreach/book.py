"""`open_outreach`: what was done about which prospect, kept in a file that outlives kernels, exports and rankings.

How a book behaves, for those who build on it:

- `book.set(domains, status=..., note=..., ...)` returns when the change is on the disk. None leaves a field as it is,
  `""` takes it away. What is so already is no change, so a cell may run again. All domains of a call change together,
  or none.
- `book.frame` is read from the file whenever it is asked for, so it shows what other notebooks did. One row for each
  domain of which anything was ever kept; a domain that is not in it is new. Texts that are not there are None.
- `book.undo()` takes back the last step (one `set` or `import_csv`) of this book that is not taken back yet; called
  again, the one before. A field that was changed again since, here or by another notebook, is left alone. It returns
  how many fields changed: 0 when nothing is left. A new kernel begins a new book, with nothing to take back.
- `book.hidden` is a frozenset of the domains whose status is hidden.
- Domains are registrable domains: `set("https://www.blog.example/page")` is about `blog.example`.
- Any thread may call. Every error is a `LinkgapError`, and after one nothing was changed.
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
    Said = Mapping[str, str | None]


@dataclass(frozen=True, eq=False)
class Outreach:
    """Status, note, owner, dates and contact of each domain, for one site. Made by `open_outreach`.

    Attributes
    ----------
    file
        Where all changes are kept.
    site
        For which site; books of several sites may share a file.
    by
        Who makes the changes of this book.
    clock
        Tells the moment, with its time zone; its day is today.
    session
        Tells this book's changes from those of others.
    """

    file: ChangeFile
    site: str
    by: str | None
    clock: Callable[[], dt.datetime] = field(repr=False)
    session: str = field(repr=False)

    def __repr__(self) -> str:
        """State how many domains, and how far they are."""
        counts = Counter(str(row["status"]) for row in self._rows())
        words = ", ".join(f"{counts[status]:,} {status}" for status in STATUSES if counts[status])
        domains = counted(counts.total(), "domain")
        return f"Outreach for {self.site}: {domains}{f' ({words})' if words else ''} in {self.file.path.name}"

    def _repr_html_(self) -> str:
        """Show the finding and the first domains."""
        return f"<p>{escape(repr(self))}</p>" + self.frame.head(20).to_html(index=False, na_rep="", border=0)

    @property
    def frame(self) -> pd.DataFrame:
        """What is known now, one row a domain in alphabetical order, see `linkgap.schema.OUTREACH`."""
        return table_of(self._rows(), OUTREACH)

    @property
    def hidden(self) -> frozenset[str]:
        """The domains that are not to be seen again."""
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
        """Keep what is said of one or several domains, and return when it is on the disk.

        Parameters
        ----------
        domains
            Domains, hosts or addresses; they count as their registrable domains.
        status
            `new`, `shortlisted`, `contacted`, `replied`, `won`, `rejected` or `hidden`. When it becomes contacted,
            `contacted_on` becomes today, unless that is said too.
        note
            Up to 10,000 characters.
        owner, contact
            Who takes care of it, and whom to write to; up to 500 characters.
        contacted_on, next_on
            Days: a date or `"2026-01-31"`.

            Of all of these, None leaves what is there, and `""` takes it away (a status can't be taken away).

        Returns
        -------
        int
            How many fields changed; 0 when all of it was so already.

        Raises
        ------
        InvalidArgumentError
            When a domain is none, a value is not allowed, or nothing is said.
        UnwritableFileError
            When the file can't be written, or another program holds it for long.

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
        said = {
            "status": status,
            "note": note,
            "owner": owner,
            "contact": contact,
            "contacted_on": contacted_on,
            "next_on": next_on,
        }
        return self._keep(dict.fromkeys(read_domains(domains), read_fields(said)), dated=contacted_on is None)

    def undo(self) -> int:
        """Take back the last step of this book that is not taken back yet; that too is a change, and is kept.

        Fields that were changed again since are left alone.

        Returns
        -------
        int
            How many fields changed; 0 when there is nothing to take back.

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
                standing = [change for change in done if self._now(connection, *change[:2]) == change.new]
                if standing:
                    back = (Change(change.domain, change.field, change.new, change.old) for change in standing)
                    return append(connection, back, maker, undoes=step)
        return 0

    def history(self, domain: str | None = None) -> pd.DataFrame:
        """Return every change in order, see `linkgap.schema.HISTORY`.

        Parameters
        ----------
        domain
            Only changes to this one; None returns all of the site.

        Raises
        ------
        InvalidArgumentError
            When it is no domain.
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
        """Return a table of prospects with what is known of each in further columns.

        Parameters
        ----------
        frame
            With a column `domain`: prospects, or any other table. Hosts get what is known of their domain.

        Returns
        -------
        DataFrame
            Rows in the same order, then the columns of `linkgap.schema.OUTREACH`; domains that are not in the book
            have the status new.

        Raises
        ------
        InvalidArgumentError
            When it is no table, there is no column `domain` or two, or one of the new columns is there already.
        """
        import pandas as pd

        check_kind(frame, pd.DataFrame, "frame", "a DataFrame with a column domain, such as prospects.frame")
        if list(frame).count("domain") > 1:
            message = "The table has two columns domain. Rename or drop one of them."
            raise InvalidArgumentError(message)
        if "domain" not in frame:
            message = f"The table has no column domain. Its columns: {in_words(frame)}. Rename the one with domains."
            raise InvalidArgumentError(message)
        taken = {column.name for column in OUTREACH[1:]} & set(frame)
        if taken:
            message = (
                f"The table has {in_words(taken)} already. Join the table as it was before, or drop these columns."
            )
            raise InvalidArgumentError(message)
        known = {row["domain"]: row for row in self._rows()}
        unknown = dict.fromkeys(column.name for column in OUTREACH) | {"status": "new"}
        rows = (known.get(read_domain(str(each)), unknown) for each in frame["domain"])
        added = table_of(rows, OUTREACH[1:]).set_axis(frame.index)
        return frame.assign(**{str(name): added[name] for name in added})

    def check(self, links_or_gap: Links | Gap) -> pd.DataFrame:
        """Say of each domain that was won whether the links at hand show its link to the site.

        Parameters
        ----------
        links_or_gap
            From `read_links` or `find_gap`; with the site's own exports.

        Returns
        -------
        DataFrame
            One row a domain whose status is won, see `linkgap.schema.WON`. `confirmed`: a link is live. `lost again`:
            there were links, and the last went on the day it was won or later, or nobody says when. `not seen`: no list
            shows one since; it may be too new for them, or they are cut.

        Raises
        ------
        InvalidArgumentError
            When it is given something else.
        UnknownSiteError
            When the links are not those of the book's site.
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
        """Write what is known now as a CSV sheet, which people may fill and `import_csv` takes back.

        Parameters
        ----------
        path
            Must end in `.csv`.
        overwrite
            Whether an existing file may be replaced.

        Raises
        ------
        InvalidArgumentError
            When the path is no name of a CSV file.
        FileExistsAlreadyError
            When the file exists and `overwrite` is False.
        MissingFileError
            When the folder does not exist.
        UnwritableFileError
            When the file can't be written; what was there before is untouched.

        Notes
        -----
        Text that a spreadsheet would run gets an apostrophe in front; `import_csv` takes just that one away again.
        """
        return write_sheet(self._rows(), path, overwrite=overwrite)

    def import_csv(self, path: str | os.PathLike[str], *, day_first: bool | None = None) -> SheetReceipt:
        """Keep what a CSV sheet says, all of it at once; `undo` takes it back.

        Parameters
        ----------
        path
            A sheet with a column Domain and any of Status, Note, Owner, Contact, Contacted on and Next on, as
            `export_csv` and the preset `outreach` of `export_prospects` write them. An empty cell says nothing; a name
            and an address of a contact become one: `Jo <jo@blog.example>`. Hosts count as their registrable domain, and
            several rows of it add up, unless they contradict each other. Dates may be as spreadsheets rewrite them,
            such as 31.01.2026 or 1/31/2026. A cell that can't be read leaves the others of its row as good as they are.
        day_first
            Whether 03/04/2026 is the 3rd of April, as spreadsheets may have written it; None takes what all days of the
            sheet tell, and does not read such cells when they tell nothing.

        Returns
        -------
        SheetReceipt
            How many rows were kept, and each row that was not and each cell that could not be read, with line and
            reason.

        Raises
        ------
        InvalidArgumentError
            When `day_first` is neither True, False nor None.
        MissingFileError
            When there is no such file.
        UnreadableFileError
            When it can't be opened, is no text, or has no column with domains, or nothing else.
        UnwritableFileError
            When the outreach file can't be written.
        """
        if day_first is not None:
            check_kind(day_first, bool, "day_first", "True, False or None")
        sheet = read_sheet(path, day_first=day_first)
        return sheet.receipt(changes=self._keep(sheet.said, dated=False))

    def _rows(self) -> list[dict[str, str | None]]:
        """Return what is known now, one row a domain."""
        with self.file.reading() as connection:
            states = values_now(connection, self.site)
        rows: dict[str, dict[str, str | None]] = {}
        for domain, name, new, at, by in states:
            row = rows.setdefault(domain, {"domain": domain, **dict.fromkeys(FIELDS), "status": "new"})
            row |= {name: new, "changed_at": at, "changed_by": by}
        return list(rows.values())

    def _keep(self, said: Mapping[str, Said], *, dated: bool) -> int:
        """Write what is said of each domain as one step; where `dated`, those that become contacted are so today."""
        moment = self.clock()
        with self.file.writing() as connection:
            changes = [
                Change(domain, name, self._now(connection, domain, name), new)
                for domain, fields in said.items()
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
    """Open the file that remembers what was done about which prospect; it is made when it does not exist.

    Several notebooks may have it open at once. What `set` returned from is on the disk, whatever happens to the kernel.

    Parameters
    ----------
    path
        The file, by default beside the notebook.
    site
        Whose outreach it is: a domain, a host or a URL prefix, as in `find_gap`.
    by
        Who makes the changes; None takes the name of this computer's user, `""` names nobody.
    clock
        Returns the moment, with its time zone; None takes this computer's clock.

    Returns
    -------
    Outreach
        With `.set`, `.undo`, `.frame`, `.history()`, `.hidden`, `.join`, `.check`, `.export_csv` and `.import_csv`.

    Raises
    ------
    InvalidArgumentError
        When the site is none, `by` is no text, `clock` no function, or the path is a folder or can't be a name.
    MissingFileError
        When the folder does not exist.
    UnreadableFileError
        When the file is something else, or of a newer linkgap.
    UnwritableFileError
        When the file can't be made, or another program holds it for long.

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
        message = f"site={site!r} is no site. Allowed: a text, such as 'example.com'."
        raise InvalidArgumentError(message)
    if by is not None:
        check_kind(by, str, "by", "a name, '' for nobody, or None for this computer's user")
    if clock is not None and not callable(clock):
        message = f"clock is a {type(clock).__name__}. Allowed: a function that returns a datetime with its time zone."
        raise InvalidArgumentError(message)
    whose = str(parse_site(site))
    name = clean_text(_user() if by is None else by) or None
    return Outreach(open_changes(path), whose, name, clock or _local_time, secrets.token_hex(8))


def _local_time() -> dt.datetime:
    return dt.datetime.now(dt.UTC).astimezone()


def _user() -> str:
    try:
        return getpass.getuser()
    except (ImportError, KeyError, OSError):  # no such name, as in some containers
        return ""
