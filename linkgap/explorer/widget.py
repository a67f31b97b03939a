"""`explore`: the explorer as a widget, which JupyterLab, Notebook, VS Code and Colab show."""

from __future__ import annotations

import traceback
from functools import cached_property
from typing import TYPE_CHECKING, Any

import numpy as np
import pandas as pd

from linkgap.errors import (
    InvalidArgumentError,
    LinkgapError,
    MissingLibraryError,
    UnknownDomainError,
    counted,
    in_words,
    listed,
)
from linkgap.explorer.filters import check_type, passing
from linkgap.explorer.memory import NEW_ENTRY, Memory
from linkgap.explorer.modules import bundle, read_static
from linkgap.explorer.packing import in_order_of_domains, pack, usual_settings
from linkgap.explorer.settings import complete_settings, options_of
from linkgap.gap.formula import DECIMALS
from linkgap.gap.pages import pages_of
from linkgap.gap.results import check_backtest
from linkgap.gap.scoring import Prospects, rank_prospects
from linkgap.outreach.changes import DEFAULT_FILE
from linkgap.schema import STATUSES

try:
    import anywidget
    import traitlets
    from IPython.core.getipython import get_ipython
except ImportError as error:
    message = 'The explorer needs anywidget, which is not installed. Install it with: pip install "linkgap[lab]"'
    raise MissingLibraryError(message) from error

if TYPE_CHECKING:
    import os
    from collections.abc import Iterable, Mapping

    from linkgap.gap.results import Backtest
    from linkgap.outreach.book import Outreach

_MOST_PAGES = 50


class Explorer(anywidget.AnyWidget):
    """The screen on which prospects are looked at, re-ranked and decided on. Made by `explore`.

    Attributes
    ----------
    settings
        The ranking, the filters, and what the table shows, as plain values that can be saved; setting them moves the
        screen. `observe(..., "settings")` reports every change. If all rivals' weights are 0, they all count the same.
    selected_domains
        The domains that are selected; setting them selects them on the screen.
    """

    _shell: Any = None
    _esm = bundle()
    _css = read_static("explorer.css")
    _meta = traitlets.Dict().tag(sync=True)
    _data = traitlets.Bytes().tag(sync=True)
    _memory = traitlets.Dict().tag(sync=True)
    settings = traitlets.Dict().tag(sync=True)
    selected_domains = traitlets.List(traitlets.Unicode()).tag(sync=True)

    def __init__(
        self,
        prospects: Prospects,
        outreach: Memory,
        settings: Mapping[str, Any] | None,
        backtest: Backtest | None = None,
    ) -> None:
        self._prospects = prospects
        self._outreach = outreach
        meta, data = pack(prospects, backtest)
        meta["facts"] += [_won(outcome, number) for outcome, number in outreach.outcomes().items()]
        self._known = [column["name"] for column in meta["shown"]]
        usual = usual_settings(prospects, meta)
        self._usual = usual
        super().__init__(
            _meta=meta, _data=data, _memory=outreach.entries(), settings={} if settings is None else settings
        )
        self._remembered = outreach.state()
        self.on_msg(self._take_message)
        self._shell = get_ipython()
        if self._shell is not None:
            self._shell.events.register("post_run_cell", self._follow_book)

    def __repr__(self) -> str:
        """State how many prospects are explored, and for which site."""
        return f"Explorer: {counted(len(self._prospects), 'prospect')} for {self._prospects.gap.site}"

    def close(self) -> None:
        """Remove the explorer from the screen, for good."""
        if self._shell is not None and self.comm is not None:
            self._shell.events.unregister("post_run_cell", self._follow_book)
        super().close()

    @property
    def shown(self) -> pd.DataFrame:
        """The prospects that pass the filters, in the order of the screen's table, with `status` and `note`."""
        frame = self._ranked
        chosen = frame[passing(frame, self.settings["filters"], self._prospects.gap.rivals)]
        sort = self.settings["view"]["sort"]
        return _sorted(chosen, sort["column"], descending=sort["descending"]).reset_index(drop=True)

    @property
    def selected(self) -> pd.DataFrame:
        """The selected prospects, in the order of rank; set it to domains, or to a table with them, to select these."""
        frame = self._ranked
        return frame[frame["domain"].isin(self.selected_domains)].reset_index(drop=True)

    @selected.setter
    def selected(self, domains: Iterable[str] | pd.DataFrame) -> None:
        named = domains["domain"] if isinstance(domains, pd.DataFrame) else domains
        wanted = listed(named, "selected")
        unknown = set(wanted) - set(self._prospects.gap.domains)
        if unknown:
            message = (
                f"selected= names {in_words(sorted(unknown))}, not among the prospects. See .prospects.gap.domains."
            )
            raise UnknownDomainError(message)
        self.selected_domains = wanted

    @property
    def prospects(self) -> Prospects:
        """The prospects, ranked by the settings: for `export_prospects` and reports."""
        gap = self._prospects.gap
        ranking = options_of(self.settings["ranking"], gap.rivals)
        return rank_prospects(gap, **{**self._prospects.settings, **ranking})

    @property
    def _ranked(self) -> pd.DataFrame:
        """All prospects in the order of the settings' ranking, with `status` and `note`."""
        key = repr(self.settings["ranking"])
        if self._cached[0] != key:
            prospects = self.prospects
            frame = self._by_domain.iloc[prospects.order].reset_index(drop=True)
            for name in ("priority", "likelihood", "coverage"):
                frame[name] = prospects.scores[name][prospects.order]
            frame["rank"] = np.arange(1, len(frame) + 1)
            self._cached[:] = [key, frame]
        return self._with_memory(self._cached[1])

    @cached_property
    def _cached(self) -> list[Any]:
        return [None, None]

    @cached_property
    def _by_domain(self) -> pd.DataFrame:
        return in_order_of_domains(self._prospects)

    def _with_memory(self, frame: pd.DataFrame) -> pd.DataFrame:
        self._recall()
        status = frame["domain"].map({domain: each["status"] for domain, each in self._memory.items()}).astype(object)
        note = frame["domain"].map({domain: each["note"] for domain, each in self._memory.items()}).astype(object)
        return frame.assign(status=status.where(status.notna(), "new"), note=note.where(note.notna(), ""))

    @traitlets.validate("settings")
    def _check_settings(self, proposal: Any) -> dict[str, Any]:  # noqa: ANN401 - traitlets' proposal
        given = proposal["value"]
        return complete_settings(given, self._usual, rivals=self._prospects.gap.rivals, columns=self._known)

    def notify_change(self, change: Any) -> None:  # noqa: ANN401 - traitlets' change
        """Notify observers; an error in one of them is shown in the explorer as well."""
        try:
            super().notify_change(change)
        except Exception:  # a user's callback may fail in any way; the error is shown where the user looks
            self.send({"kind": "error", "text": f"A callback failed:\n{traceback.format_exc(limit=-3)}"})
            raise

    def _take_message(self, _: object, message: Mapping[str, Any], __: object) -> None:
        answers = {"edit": self._edit, "undo": self._undo, "pages": self._send_pages}
        try:
            answers[message["kind"]](message)
        except LinkgapError as error:
            # The screen shows a change before it is stored. Nothing was, so it goes back to the last known state.
            self.send({"kind": "refused", "text": str(error)})

    def _edit(self, message: Mapping[str, Any]) -> None:
        self._outreach.store(message["domains"], message["field"], message["value"])
        self._recall()
        self.send({"kind": "kept"})

    def _undo(self, _: Mapping[str, Any]) -> None:
        undone = self._outreach.undo()
        self._recall()
        self.send({"kind": "kept", "undone": undone})

    def _follow_book(self, _: object = None) -> None:
        """Show what a cell, or another notebook, changed in the outreach book."""
        try:
            if self._outreach.state() != self._remembered:
                self._recall()
        except LinkgapError as error:
            self.send({"kind": "error", "text": str(error)})

    def _recall(self) -> None:
        """Read the outreach again; a domain that it no longer knows goes back to `NEW_ENTRY`."""
        self._remembered = self._outreach.state()
        self._memory = dict.fromkeys(self._memory, NEW_ENTRY) | self._outreach.entries()

    def _send_pages(self, message: Mapping[str, Any]) -> None:
        gap = self._prospects.gap
        place = gap.domains.index(message["domain"])
        (found,) = pages_of(gap.links, gap.question, gap.candidates.number[[place]], most=_MOST_PAGES)
        self.send({"kind": "pages", "row": message["row"], "pages": found})
        self._follow_book()


def _sorted(frame: pd.DataFrame, column: str, *, descending: bool) -> pd.DataFrame:
    """Sort as the browser does: unknown values and empty texts last, ties by domain."""
    if column == "rank":
        return frame.iloc[::-1] if descending else frame
    keys = frame[column]
    if column == "status":
        keys = keys.map(STATUSES.index)
    elif column == "priority":
        keys = keys.round(DECIMALS)
    elif keys.dtype == object:
        keys = keys.map(_place_of_text, na_action="ignore")
    ordered = frame.assign(_key=keys).sort_values("domain", kind="stable")
    return ordered.sort_values("_key", ascending=not descending, kind="stable", na_position="last").drop(columns="_key")


def _place_of_text(text: str) -> bytes | None:
    """Return a text's sort key: JavaScript compares UTF-16 code units, which is another order than Python's."""
    return text.lower().encode("utf-16-be", "surrogatepass") or None


def _won(outcome: str, number: int) -> dict[str, str]:
    """Return the header's fact on how many won prospects have an outcome."""
    return {
        "text": f"won: {number:,} {outcome}",
        "meaning": "prospects whose status was set to won, and what these links show of them",
        "word": outcome,
    }


def explore(
    prospects: Prospects,
    *,
    outreach: Outreach | str | os.PathLike[str] = DEFAULT_FILE,
    settings: Mapping[str, Any] | None = None,
    backtest: Backtest | None = None,
) -> Explorer:
    """Open the explorer on ranked prospects.

    Parameters
    ----------
    prospects
        From `rank_prospects`.
    outreach
        Where statuses and notes are kept: from `open_outreach`, or a file, which is created by the first change. The
        screen shows what cells change in it; its Undo takes back only what was done on the screen.
    settings
        From another explorer's `settings`, complete or partial.
    backtest
        From `lg.backtest(gap)`: the screen's header then says what the ranking is worth.

    Returns
    -------
    Explorer
        A widget; with `.shown`, `.selected`, `.settings` and `.prospects`.

    Raises
    ------
    InvalidArgumentError
        When `prospects` or `backtest` has another type, `backtest` is about another site, or settings name something
        that does not exist.
    MissingLibraryError
        When anywidget is not installed.
    UnknownSiteError
        When the outreach is for another site.
    UnreadableFileError
        When the outreach file is not one that `open_outreach` keeps.

    Examples
    --------
    >>> import linkgap as lg
    >>> gap = lg.find_gap(lg.read_links(lg.sample_exports()), site="oakdesk.example")
    >>> explorer = lg.explore(lg.rank_prospects(gap), settings={"filters": {"present": ["deskly.example"]}})
    >>> bool(explorer.shown["deskly.example"].all())
    True
    """
    if not isinstance(prospects, Prospects):
        came = type(prospects).__name__
        message = f"explore() was given a value of type {came}. Allowed: what rank_prospects(gap) returns."
        raise InvalidArgumentError(message)
    check_backtest(backtest, prospects.gap.site)
    check_type("settings", {} if settings is None else settings, dict, "a dict, as another explorer's .settings")
    return Explorer(prospects, Memory(prospects.gap, outreach), settings, backtest)
