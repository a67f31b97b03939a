"""The section that a busy person reads in a minute: what was compared, what was found, and how sure that is."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from linkgap.errors import counted
from linkgap.report.values import joined, marked_share, plain
from linkgap.schema import PROVIDERS, floor_of

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    import pandas as pd

    from linkgap.gap.membership import Gap
    from linkgap.gap.referring import Question
    from linkgap.gap.results import Backtest
    from linkgap.report.sources import Sources

COMPLETE = "complete"
_MOST_NAMED = 12


def gather_finding(sources: Sources) -> dict[str, Any]:
    """Return the finding: `lead`, `figures`, `sure_of` with its `evidence`, `sentences`, `sites` and their `noun`."""
    gap = sources.gap
    return {
        "lead": _lead(gap),
        "figures": list(_figures(sources)),
        "sure_of": f"How sure it is that they {_absent(gap.question)}",
        "evidence": gap.evidence_counts,
        "sentences": list(_sentences(sources)),
        "sites": sites_compared(gap),
        "noun": gap.question.level,
    }


def _lead(gap: Gap) -> str:
    noun = "domain" if gap.question.level == "domain" else "host"
    verb = "links" if len(gap) == 1 else "link"
    least = gap.question.min_rivals
    if len(gap.rivals) == 1:
        whom = gap.rivals[0]
    elif least == 1:
        whom = f"at least one of {counted(len(gap.rivals), 'rival')}"
    else:
        whom = f"at least {least} of {counted(len(gap.rivals), 'rival')}"
    found = counted(len(gap), noun) if len(gap) else f"No {noun}"
    links = f"{verb if len(gap) else 'links'} to {whom}{gap.question.among}"
    return f"{found} {links} and not to {gap.question.unlinked}.{_which_count(gap.question)}"


def _absent(question: Question) -> str:
    return "do not already have a followed link" if question.follow_only else "do not already link"


def _which_count(question: Question) -> str:
    lost = "" if question.live_only else " Lost links count too."
    return f"{lost} Links marked nofollow, ugc or sponsored don't count." if question.follow_only else lost


def _figures(sources: Sources) -> Iterator[dict[str, Any]]:
    """Yield the key figures, each with what it counts."""
    gap, counts = sources.gap, sources.gap.evidence_counts
    name, verb = ("prospect", "links") if len(gap) == 1 else ("prospects", "link")
    yield _figure(name, len(gap), f"{verb} to a rival and not to the site")
    word = "proven" if counts["proven"] else max(counts, key=lambda each: counts[each])
    if len(gap):
        sureness = _SURENESS[word].format("such a" if gap.question.follow_only else "a")
        yield _figure(word, counts[word], f"{_share(counts[word], len(gap))}{sureness}")
    if len(gap.rivals) > 1 and len(gap):
        yield _linked_to_many(gap)
    lost = int(gap.candidates.was_linked.sum())
    if lost:
        yield _figure("to win back", lost, _WAS_LINKED[gap.question.follow_only])
    if sources.backtest is not None:
        hits, lot = (_first_ten(sources.backtest, method) for method in ("likelihood", "by lot"))
        meaning = f"of the first ten by likelihood were known links that a test had hidden; {lot:.1f} at random"
        yield _figure("in the test", round(hits, 1), meaning)


_WAS_LINKED = {
    False: "once linked to the site, and stopped",
    True: "once had a link to the site that is gone, and have no followed one",
}
"""What is lost, by whether only followed links count: a domain without one may still have a link to the site."""


def _share(part: int, total: int) -> str:
    return f"{marked_share(part, total)} of them: " if total > 1 else ""


_SURENESS = {
    "proven": "if there were {} link, a list at hand would show it",
    "likely": "a complete list, not known to be from the same provider, shows none",
    "unverified": "the lists can't tell, so look before you write",
}


def _linked_to_many(gap: Gap) -> dict[str, Any]:
    """Count the prospects that link to all rivals; if there are none, those that link to several."""
    linked, rivals = gap.candidates.rivals_linked, len(gap.rivals)
    to_all = int((linked == rivals).sum())
    if to_all:
        verb, surest = ("links", "surest prospect") if to_all == 1 else ("link", "surest prospects")
        return _figure(f"{verb} to every rival", to_all, f"to all {rivals}: the {surest}")
    most = int(linked.max())
    several = int((linked > 1).sum())
    verb = "links" if several == 1 else "link"
    return _figure(f"{verb} to several rivals", several, f"to at least 2 of {rivals}, and {most} at most")


def _figure(name: str, value: float, meaning: str) -> dict[str, Any]:
    return {"name": name, "value": value, "meaning": meaning}


def _sentences(sources: Sources) -> Iterator[str]:
    links = sources.gap.links
    receipts = links.receipts
    read = receipts[receipts["provider"].notna()]
    tools = joined(sorted({PROVIDERS.get(name, name) for name in read["provider"]}, key=str.lower))
    aside = int(receipts["set_aside"].sum())
    yield (
        f"Compared: {sources.site} with {joined(_named(sources.gap.rivals))}, from {counted(len(read), 'file')} "
        f"({tools}) with {counted(int(read['kept'].sum()), 'row')}. "
        + (f"{_set_aside(aside)}, each with a reason." if aside else "No rows were set aside.")
    )
    yield _completeness(read)
    unread = len(receipts) - len(read)
    if unread:
        yield f"{counted(unread, 'file')} could not be read; the list of files says why."
    days = receipts["exported_at"].dropna()
    if len(days):
        first, last = plain(days.min()), plain(days.max())
        yield f"Exported on {first}." if first == last else f"Exported from {first} to {last}."
    yield _worth(sources)


def _set_aside(rows: int) -> str:
    return f"{counted(rows, 'more row')} {'was' if rows == 1 else 'were'} set aside"


def _named(rivals: tuple[str, ...]) -> list[str]:
    shown = list(rivals[:_MOST_NAMED])
    return shown if len(shown) == len(rivals) else [*shown, counted(len(rivals) - len(shown), "more rival")]


def _completeness(read: pd.DataFrame) -> str:
    doubtful = int(((read["cut"] != "none") | read["partial"].notna()).sum())
    if not doubtful:
        return "All lists are complete, as far as their row counts show."
    verb = "is" if doubtful == 1 else "are"
    return (
        f"{doubtful} of {counted(len(read), 'list')} {verb} not complete: cut by the provider, or a sample. So each "
        "prospect is marked as proven, likely or unverified."
    )


def _worth(sources: Sources) -> str:
    backtest = sources.backtest
    if backtest is None:
        return "The ranking was not tested on these lists."
    others = {"rivals linked": "by number of rivals", "authority": "by authority", "by lot": "at random"}
    results = [
        f"{_first_ten(backtest, method):.1f} {words}" for method, words in others.items() if method in backtest.methods
    ]
    return (
        "Tested by hiding known links from the ranking: of the first ten by likelihood, "
        f"{_first_ten(backtest, 'likelihood'):.1f} were such links; {joined(results)}."
        f"{_to_expect(backtest)} What an e-mail achieves was not measured."
    )


def _first_ten(backtest: Backtest, method: str) -> float:
    """Return how many of the first ten were hidden links, as measured by the backtest."""
    return 10 * float(backtest.table["precision_10"][method])


def _to_expect(backtest: Backtest) -> str:
    """Say what to expect for the site if its rivals were tested in its place: less than was measured for them."""
    if backtest.kind != "rivals":
        return ""
    return f" These were its rivals' lists; expect {10 * backtest.expected(10):.1f} for {backtest.site}."


def sites_compared(gap: Gap) -> list[dict[str, Any]]:
    """Return for each compared site how many domains link to it, and how complete its lists are."""
    overlaps = gap.overlaps
    receipts = gap.links.receipts
    found = []
    for site in gap.question.sites:
        linking = overlaps[overlaps[site]]
        lists = receipts[[site in (names or "").split(", ") for names in receipts["site"]]]
        found.append(
            {
                "site": site,
                "role": "the site" if site == gap.site else "rival",
                "domains": int(linking["domains"].sum()),
                "shared": None if site == gap.site else int(linking.loc[linking[gap.site], "domains"].sum()),
                "files": len(lists),
                "complete": _how_complete([*map(dict, lists.to_dict("records"))]),
            }
        )
    return found


def _how_complete(lists: list[dict[Any, Any]]) -> str:
    """Say how complete each provider's list is: of several, the fullest, to which the others add nothing."""
    ordered = sorted(lists, key=_fullness)
    states = {PROVIDERS.get(row["provider"], row["provider"]): completeness_of(row) for row in ordered}
    return "; ".join(f"{provider}: {state}" for provider, state in sorted(states.items())) or "no list"


def _fullness(receipt: Mapping[Any, Any]) -> tuple[bool, bool, int]:
    """Return a key that sorts fuller lists last: first by complete or not, then by whole site or part, then by rows."""
    return completeness_of(receipt) == COMPLETE, receipt["partial"] is None, receipt["kept"]


def completeness_of(receipt: Mapping[Any, Any]) -> str:
    """Say how complete a list is: `COMPLETE`, how it is cut, what part it is, or that it was not read."""
    if receipt["provider"] is None:
        return "not read"
    cut = {
        "rows": f"cut after {receipt['rows']:,} rows",
        "authority": f"cut below {floor_of(receipt)}",
    }.get(receipt["cut"])
    return "; ".join(filter(None, [cut, receipt["partial"]])) or COMPLETE


MEANING = {
    "proven": "The site's own list from that provider is complete this far, and shows no such link from the prospect.",
    "likely": "The site's own list is complete, but not known to be from the provider that shows the link.",
    "unverified": "The lists at hand can't tell: the prospect may link already, so look first.",
}
