"""The sections on how the list was made: the method in words, the files, and the settings that make it again."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

from linkgap.errors import counted
from linkgap.report.finding import MEANING, completeness_of
from linkgap.report.values import PROVIDERS, marked_share, plain
from linkgap.schema import REASONS

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from linkgap.gap.membership import Gap
    from linkgap.gap.scoring import Prospects
    from linkgap.report.sources import Sources


def gather_method(sources: Sources) -> dict[str, Any]:
    """Return the method: `steps` in words, `formula`, `weights` of the rivals, `evidence` and `notes`."""
    prospects = sources.prospects
    ordered = sorted(prospects.weights.items(), key=lambda each: -each[1])
    return {
        "steps": list(_steps(prospects)),
        "formula": prospects.formula,
        "weights": [] if prospects.model else [{"rival": rival, "weight": plain(weight)} for rival, weight in ordered],
        "evidence": MEANING,
        "notes": list(prospects.notes),
    }


def _steps(prospects: Prospects) -> Iterator[str]:
    question = prospects.gap.question
    unit = "registrable domain, as the Public Suffix List knows it" if question.level == "domain" else "host"
    counted_links = [
        "links that are live" if question.live_only else "links, live or lost",
        ", and not marked as nofollow, ugc or sponsored" if question.follow_only else "",
    ]
    yield f"Every row of the exports is a link from a {unit}. Counted are {''.join(counted_links)}."
    least = counted(question.min_rivals, "rival")
    own = f" The site's other properties ({', '.join(question.own)}) are no prospects either." if question.own else ""
    yield f"A prospect links to at least {least} and not, or no longer, to {question.site}.{own}"
    yield from _conditions(prospects.gap)
    yield from _ranking(prospects)
    yield (
        "Risk adds up named reasons, such as a provider's spam mark. It weighs a prospect down and deletes none. It "
        "says whom not to write to: it is no reason to disavow a link."
    )


def _conditions(gap: Gap) -> Iterator[str]:
    present, absent = sorted(gap.question.present), sorted(gap.question.absent)
    if present:
        yield f"Only domains that link to {', '.join(present)} are listed."
    if absent:
        yield f"Domains that link to {', '.join(absent)} are not listed."


def _ranking(prospects: Prospects) -> Iterator[str]:
    if prospects.model is not None:
        yield "How likely a link is was learned from the rivals' own lists, where that beat the plain formula."
    else:
        used = {"linked_domains": "how many domains it links to", "authority": "its authority"}
        also = [used[name] for name in prospects.terms]
        lifted = f", and a little {' and '.join(also)}" if also else ""
        weighed = "as the user said" if prospects.settings["rival_weights"] else "by how alike it is to the site"
        yield f"How likely a link is: the share of the rivals that a domain links to, each weighted {weighed}{lifted}."
    if prospects.authority.known:
        weight = prospects.settings["authority_weight"]
        yield (
            "What a link is worth: the domain's authority as a percentile among the prospects, so that metrics of "
            f"different providers are never averaged. It counts with the power {weight:g}."
        )


def gather_files(sources: Sources) -> dict[str, Any]:
    """Return what became of every file: `rows`, one each, and the `reasons` for rows set aside."""
    receipts = sources.gap.links.receipts
    rows = [_receipt(row) for row in receipts.to_dict("records")]
    totals = {reason: int(receipts[reason.replace(" ", "_")].sum()) for reason in REASONS}
    reasons = [{"reason": reason, "rows": totals[reason], "meaning": REASONS[reason]} for reason in REASONS]
    return {"rows": rows, "reasons": [each for each in reasons if each["rows"]]}


def _receipt(row: Mapping[Any, Any]) -> dict[str, Any]:
    largest = row["largest_domain_share"] if row["domains"] > 1 else None
    said = [
        f"{row['lost']:,} links are lost" if row["lost"] else None,
        f"one domain fills {marked_share(largest, 1)}" if largest and largest >= _MUCH else None,
        plain(row["note"]),
    ]
    return {
        "file": row["file"],
        "site": plain(row["site"]),
        "report": _report(row),
        "exported_at": plain(row["exported_at"]),
        "rows": row["rows"],
        "kept": row["kept"],
        "set_aside": row["set_aside"],
        "domains": row["domains"],
        "complete": completeness_of(row),
        "remark": "; ".join(filter(None, said)) or None,
    }


def _report(row: Mapping[Any, Any]) -> str | None:
    if row["provider"] is None:
        return None
    provider = PROVIDERS.get(row["provider"], row["provider"])
    return str(provider if row["provider"] == "plain" else f"{provider} {row['report']}")


_MUCH = 0.1


def gather_settings(sources: Sources) -> dict[str, Any]:
    """Return what makes the ranking again: `question` and `ranking` as values, and the whole as Python."""
    prospects, question = sources.prospects, sources.gap.question
    asked = {
        "site": question.site,
        "rivals": list(question.rivals),
        "min_rivals": question.min_rivals,
        "own": list(question.own),
        "live_only": question.live_only,
        "follow_only": question.follow_only,
        "level": question.level,
    }
    narrowed = {"present": sorted(question.present), "absent": sorted(question.absent)}
    ranking = json.loads(json.dumps(dict(prospects.settings)))
    return {"question": asked | narrowed, "ranking": ranking, "python": _as_python(asked, narrowed, ranking)}


def _as_python(asked: Mapping[str, Any], narrowed: Mapping[str, Any], ranking: Mapping[str, Any]) -> str:
    lines = ["import linkgap as lg", "", 'links = lg.read_links("exports/")  # the folder with the files above']
    lines.append(f"gap = lg.find_gap(links, {_arguments(asked)})")
    if any(narrowed.values()):
        lines.append(f"gap = gap.where({_arguments(narrowed)})")
    lines.append(f"prospects = lg.rank_prospects(gap, {_arguments(ranking)})")
    lines.append('lg.build_report(prospects, "gap.html")')
    return "\n".join(lines)


def _arguments(values: Mapping[str, Any]) -> str:
    return ", ".join(f"{name}={_literal(value)}" for name, value in values.items())


def _literal(value: Any) -> str:  # noqa: ANN401 - whatever a setting holds
    """Write a plain value as Python does, texts in double quotes."""
    if isinstance(value, str):
        return json.dumps(value, ensure_ascii=False)
    if isinstance(value, dict):
        return f"{{{', '.join(f'{_literal(name)}: {_literal(each)}' for name, each in value.items())}}}"
    if isinstance(value, list):
        return f"[{', '.join(map(_literal, value))}]"
    return repr(value)
