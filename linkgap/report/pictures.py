"""The section of charts, as the numbers to draw."""

from __future__ import annotations

from collections import Counter
from typing import TYPE_CHECKING, Any

import numpy as np

from linkgap.report.shortlist import FIRST

if TYPE_CHECKING:
    import pandas as pd

    from linkgap.gap.membership import Gap
    from linkgap.gap.referring import Question
    from linkgap.gap.scoring import Prospects
    from linkgap.report.sources import Sources

MOST_COMBINATIONS = 12
ACROSS, UP = 20, 12
"""Columns and rows of cells in the map of all prospects: counted by cell, a million need no more room than ten."""

_FOR_TACTICS = 50


def gather_pictures(sources: Sources) -> dict[str, Any]:
    """Return the numbers to draw: `rivals_linked`, `overlaps`, `tactics` and `map`, None if no authority is known."""
    return {
        "rivals_linked": _rivals_linked(sources.gap),
        "overlaps": _overlaps(sources.gap),
        "map": _map(sources.prospects) if sources.prospects.authority.known and len(sources.prospects) else None,
        "tactics": _tactics(sources),
    }


def _rivals_linked(gap: Gap) -> list[dict[str, int]]:
    """Count the prospects by how many rivals they link to, from `min_rivals` to the most that any does."""
    counts = np.bincount(gap.candidates.rivals_linked)
    return [
        {"rivals": rivals, "prospects": int(counts[rivals])} for rivals in range(gap.question.min_rivals, len(counts))
    ]


def _overlaps(gap: Gap) -> dict[str, Any]:
    """Return the largest combinations of sites, each with how many domains, or hosts, link to exactly these."""
    table, sites = gap.overlaps, gap.question.sites
    in_gap = _in_gap(table, gap.question)
    shown = table.head(MOST_COMBINATIONS)
    rest, grey = table.iloc[len(shown) :], shown[~in_gap.head(MOST_COMBINATIONS)]
    return {
        "noun": gap.question.level,
        "sites": list(sites),
        "combinations": [
            {
                "present": [bool(row[site]) for site in sites],
                "domains": int(row["domains"]),
                "in_gap": bool(asked_for),
            }
            for row, asked_for in zip(shown.to_dict("records"), in_gap, strict=False)
        ],
        "grey_link_to_site": bool(2 * grey.loc[grey[sites[0]], "domains"].sum() > grey["domains"].sum()),
        "more_combinations": len(rest),
        "more_domains": int(rest["domains"].sum()),
    }


def _in_gap(table: pd.DataFrame, question: Question) -> pd.Series:
    """Tell which combinations are in the gap: enough rivals, all of `present`, neither the site nor any of `absent`."""
    enough = table["sites"] >= question.min_rivals
    absent = table[[question.site, *sorted(question.absent)]].any(axis=1)
    return enough & table[sorted(question.present)].all(axis=1) & ~absent


def _map(prospects: Prospects) -> dict[str, Any]:
    """Count the prospects in each cell of authority (across) and likelihood (up), and locate the first ten."""
    authority, likelihood = prospects.scores["authority"], prospects.scores["likelihood"]
    column, row = (_cells(values, number) for values, number in ((authority, ACROSS), (likelihood, UP)))
    counts = np.bincount(row * ACROSS + column, minlength=ACROSS * UP)
    first = prospects.order[:FIRST]
    return {
        "across": ACROSS,
        "up": UP,
        "cells": [[int(cell % ACROSS), int(cell // ACROSS), int(counts[cell])] for cell in np.flatnonzero(counts)],
        "first": [[round(float(authority[place]), 4), round(float(likelihood[place]), 4)] for place in first],
    }


def _cells(values: np.ndarray[Any, Any], number: int) -> np.ndarray[Any, Any]:
    return np.asarray(np.clip((np.nan_to_num(values, nan=0.5) * number).astype(np.int64), 0, number - 1))


def _tactics(sources: Sources) -> dict[str, Any]:
    """Count the tactics that usually win links like those of the first prospects."""
    first = sources.first.head(_FOR_TACTICS)
    counts = Counter(first["tactic"])
    ordered = sorted(counts, key=lambda tactic: (tactic == "unknown", -counts[tactic], tactic))
    return {"of": len(first), "tactics": [{"tactic": tactic, "prospects": counts[tactic]} for tactic in ordered]}
