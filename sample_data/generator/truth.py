"""The right answers, by what the generator knows, without reading the files."""

from collections import defaultdict
from collections.abc import Iterable

from generator.exports import Export
from generator.providers import metric
from generator.world import OAKDESK, RIVALS, SISTERS, SITES, Domain

Row = dict[str, object]

PROSPECTS = ("domain", "relation", "evidence", "rivals_linked", *(rival.key for rival in RIVALS))
RECEIPTS = ("file", "provider", "report", "site", "rows", "kept", "set_aside", "cut", "floor")
SET_ASIDE = ("file", "row", "reason")

_NEVER_PROSPECTS = {site.key for site in SITES} | set(SISTERS)


def prospects(exports: list[Export]) -> list[Row]:
    """Return a row for every domain with a live link to a rival and none to Oakdesk, sorted by domain."""
    live, lost, providers = _shown(exports)
    domains = {domain.key: domain for domain in _domains(exports)}
    found = [key for key in sorted(domains) if key not in _NEVER_PROSPECTS]
    found = [key for key in found if live[key] and OAKDESK.key not in live[key]]
    return [
        {
            "domain": key,
            "relation": "lost" if OAKDESK.key in lost[key] else "never",
            "evidence": _evidence(domains[key], providers[key], exports),
            "rivals_linked": len(live[key]),
            **{rival.key: str(rival.key in live[key]).lower() for rival in RIVALS},
        }
        for key in found
    ]


def receipts(exports: list[Export]) -> list[Row]:
    """Return a row for every file."""
    return [
        {
            "file": export.file,
            "provider": export.provider.name,
            "report": export.report,
            "site": export.site.key,
            "rows": len(export.records),
            "kept": sum(not record.reason for record in export.records),
            "set_aside": sum(bool(record.reason) for record in export.records),
            "cut": export.cut,
            "floor": "" if export.floor is None else f"{export.floor:g}",
        }
        for export in exports
    ]


def set_aside(exports: list[Export]) -> list[Row]:
    """Return a row for every record to be set aside, with the reason; the first record below a heading is row 1."""
    return [
        {"file": export.file, "row": row, "reason": record.reason}
        for export in exports
        for row, record in enumerate(export.records, start=1)
        if record.reason
    ]


def _shown(exports: Iterable[Export]) -> tuple[dict[str, set[str]], dict[str, set[str]], dict[str, set[str]]]:
    """Return by domain: sites with a live link, sites with a lost one, and the providers of live links to rivals."""
    live: dict[str, set[str]] = defaultdict(set)
    lost: dict[str, set[str]] = defaultdict(set)
    providers: dict[str, set[str]] = defaultdict(set)
    for export in exports:
        for record in export.records:
            if record.reason or record.domain is None:
                continue
            key = record.domain.key
            (lost if record.lost else live)[key].add(export.site.key)
            if export.site is not OAKDESK and not record.lost:
                providers[key].add(export.provider.name)
    return live, lost, providers


def _domains(exports: Iterable[Export]) -> list[Domain]:
    return [record.domain for export in exports for record in export.records if record.domain and not record.reason]


def _evidence(domain: Domain, providers: set[str], exports: Iterable[Export]) -> str:
    own = [export for export in exports if export.site is OAKDESK and export.cut != "rows"]
    for export in own:
        above = export.floor is not None and metric("ahrefs_dr", domain) > export.floor
        if export.provider.name in providers and (export.cut == "none" or above):
            return "proven"
    return "likely" if any(export.cut == "none" for export in own) else "unverified"


def contradictions(exports: list[Export], linking_to_oakdesk: set[str]) -> list[str]:
    """Return the prospects called proven that do link to Oakdesk in the invented world; there must be none."""
    rows = prospects(exports)
    return [str(row["domain"]) for row in rows if row["evidence"] == "proven" and row["domain"] in linking_to_oakdesk]
