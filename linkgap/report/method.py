"""The sections on how the list was made: the method in words, the files, and the settings that reproduce it."""

from __future__ import annotations

import json
from itertools import groupby
from operator import itemgetter
from typing import TYPE_CHECKING, Any

import numpy as np

from linkgap.errors import counted
from linkgap.gap.formula import LIKELIHOOD_TERMS
from linkgap.report.finding import MEANING, completeness_of
from linkgap.report.values import joined, marked_share, plain
from linkgap.schema import PROVIDERS, REASONS, metric_name

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence

    from linkgap.gap.membership import Gap
    from linkgap.gap.scoring import Prospects
    from linkgap.loaders.links import Links
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
    unit = "registrable domain, by the Public Suffix List" if question.level == "domain" else "host"
    counted_links = [
        "Only live links count" if question.live_only else "Links count, live or lost",
        ", and none marked as nofollow, ugc or sponsored" if question.follow_only else "",
    ]
    yield f"Every row of the exports is a link from a {unit}. {''.join(counted_links)}."
    least = counted(question.min_rivals, "rival")
    own = f" The site's other properties ({', '.join(question.own)}) are not prospects either." if question.own else ""
    absent = "not, or no longer," if question.live_only else "not"
    yield f"A prospect links to at least {least} and {absent} to {question.site}.{own}"
    yield from _conditions(prospects.gap)
    yield from _ranking(prospects)
    yield _risk(prospects)


def _conditions(gap: Gap) -> Iterator[str]:
    present, absent = sorted(gap.question.present), sorted(gap.question.absent)
    named = f"{gap.question.level}s that link to"
    if present:
        yield f"Only {named} {', '.join(present)} are listed."
    if absent:
        yield f"{named.capitalize()} {', '.join(absent)} are not listed."


def _ranking(prospects: Prospects) -> Iterator[str]:
    if prospects.model is not None:
        yield "The likelihood of a link was learned from the rivals' own lists, in place of the plain formula."
    else:
        also = [f"{weight:g} times {LIKELIHOOD_TERMS[name]}" for name, weight in prospects.terms.items()]
        lifted = f"; plus {' and '.join(also)}" if also else ""
        weighed = "as the user set it" if prospects.settings["rival_weights"] else "by how similar it is to the site"
        shared = f"the share of the rivals that a {prospects.gap.question.level} links to"
        yield f"How likely a link is: {shared}, each weighted {weighed}{lifted}."
    if prospects.authority.known:
        yield _value(prospects)


def _value(prospects: Prospects) -> str:
    """Say which authority metrics count, and with what weight."""
    weight = prospects.settings["authority_weight"]
    named = joined(map(metric_name, prospects.authority.metrics))
    several = "; raw figures of different metrics are never averaged" if len(prospects.authority.metrics) > 1 else ""
    authority = f"the domain's authority ({named}) as a percentile among the prospects{several}"
    if not weight:
        return f"What a link is worth does not count here, as the weight of authority is 0. The list shows {authority}."
    return f"What a link is worth: {authority}. It is raised to the power of {weight:g}."


def _risk(prospects: Prospects) -> str:
    """Say what risk means, how many prospects have any, and how it affects this ranking."""
    weight, found = prospects.settings["risk_weight"], _risky(prospects)
    example = next(iter(prospects.risk.reasons))
    if weight:
        effect = f"It weighs a prospect down{'' if weight == 1 else f', with the weight {weight:g},'} and deletes none."
    else:
        effect = "It is shown but does not count in this ranking, as its weight is 0."
    return (
        f"Risk adds up named reasons for caution, such as: {example}. {found}. {effect} It says whom not to write to: "
        "it is not a reason to disavow a link."
    )


def _risky(prospects: Prospects) -> str:
    """Count the prospects with reasons for caution, and those whose trusted ending, such as .edu, outweighs these."""
    named = np.any([*prospects.risk.reasons.values()], axis=0)
    risky, cleared = int(named.sum()), int((named & (prospects.risk.points == 0)).sum())
    if not risky:
        return "No prospect has any"
    outweighed = f", which a trusted ending outweighs for {cleared:,}" if cleared else ""
    return f"{counted(risky, 'prospect')} {'has' if risky == 1 else 'have'} one or more{outweighed}"


def gather_files(sources: Sources) -> dict[str, Any]:
    """Return what became of every file: `rows`, one each, and the `reasons` for rows set aside."""
    receipts = sources.gap.links.receipts
    rows = [_receipt(row) for row in receipts.to_dict("records")]
    totals = {reason: int(receipts[reason.replace(" ", "_")].sum()) for reason in REASONS}
    reasons = [{"reason": reason, "rows": totals[reason], "meaning": REASONS[reason]} for reason in REASONS]
    return {"rows": rows, "reasons": [each for each in reasons if each["rows"]]}


def _receipt(row: Mapping[Any, Any]) -> dict[str, Any]:
    largest = row["largest_domain_share"] if row["domains"] > 1 else None
    remarks = [
        f"{counted(row['lost'], 'link')} {'is' if row['lost'] == 1 else 'are'} lost" if row["lost"] else None,
        f"one domain accounts for {marked_share(largest, 1)} of it" if largest and largest >= _MUCH else None,
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
        "remark": "; ".join(filter(None, remarks)) or None,
    }


def _report(row: Mapping[Any, Any]) -> str | None:
    if row["provider"] is None:
        return None
    provider = PROVIDERS.get(row["provider"], row["provider"])
    return str(provider if row["provider"] in {"linkgap", "plain"} else f"{provider} {row['report']}")


_MUCH = 0.1


def gather_settings(sources: Sources) -> dict[str, Any]:
    """Return what reproduces the ranking: `question`, `ranking`, both as `python` code, and the code's `lead`."""
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
    lines = [*_reading(sources.gap.links), f"gap = lg.find_gap(links, {_arguments(asked)})"]
    if any(narrowed.values()):
        lines.append(f"gap = gap.where({_arguments(narrowed)})")
    lines.append(f"prospects = lg.rank_prospects(gap, {_arguments(ranking)})")
    python = "\n".join(["import linkgap as lg", "", *lines, 'lg.build_report(prospects, "gap.html")'])
    return {"lead": _lead(sources.gap), "question": asked | narrowed, "ranking": ranking, "python": python}


def _lead(gap: Gap) -> str:
    """Say what the Python code reproduces, and which inputs it needs that a report can't hold."""
    asked = gap.links.asked
    if gap.pages is not None:
        made = "this reproduces the list, without what was seen on the pages at the time"
    else:
        made = "this reproduces the list, to the last digit"
    if asked is None:
        return f"The links are in Spark. Read them as before in place of the dots, and {made}:"
    needs = ["the same files in a folder named exports"] if len(asked.frames) < len(asked.inputs) else []
    needs += ["the links that were in memory in place of the dots"] if asked.frames else []
    mapping = asked.options.get("columns")
    needs += [f"the saved mapping {mapping} next to them"] if isinstance(mapping, str) else []
    return f"With {joined(needs)}, {made}:"


def _reading(links: Links) -> Iterator[str]:
    """Write the code that reads the links again; frames and Spark tables are left as `...` to be filled in.

    Yields
    ------
    str
        Python statements, after which `links` are the same again.
    """
    asked = links.asked
    if asked is None:
        yield "links = ...  # from Spark, see lg.read_links(..., engine=...)"
        return
    receipts = links.receipts
    refused = set(receipts["file"][receipts["provider"].isna()])
    things = {name: _literal(f"{_FOLDER}{name}") for name, _ in asked.inputs if name not in refused}
    for number, name in enumerate(sorted(asked.frames), start=1):
        things[name] = "frame" if len(asked.frames) == 1 else f"frame_{number}"
        yield f"{things[name]} = ...  # the {name} with links"
    where = (
        _literal(_FOLDER) if asked.one_folder else _listed([pair for pair in asked.inputs if pair[0] in things], things)
    )
    options = f", {_arguments(asked.options)}" if asked.options else ""
    yield f"links = lg.read_links({where}{options})"


_FOLDER = "exports/"


def _listed(inputs: Sequence[tuple[str, str | None]], things: Mapping[str, str]) -> str:
    """Write files and frames grouped by the site given for them, in their original order."""
    groups = [(site, [things[name] for name, _ in pairs]) for site, pairs in groupby(inputs, key=itemgetter(1))]
    sites = [site for site, _ in groups]
    if len(set(sites)) == len(sites) and None not in sites:
        return _on_lines("{", [f"{_literal(site)}: {_one_or_list(each)}" for site, each in groups], "}")
    parts = [f"{{{_literal(site)}: {_one_or_list(each)}}}" if site else ", ".join(each) for site, each in groups]
    return parts[0] if len(inputs) == 1 else _on_lines("[", parts, "]")


def _one_or_list(things: Sequence[str]) -> str:
    return things[0] if len(things) == 1 else f"[{', '.join(things)}]"


def _on_lines(begin: str, parts: Sequence[str], end: str) -> str:
    return "\n".join([begin, *(f"    {part}," for part in parts), end]) if len(parts) > 1 else f"{begin}{parts[0]}{end}"


def _arguments(values: Mapping[str, Any]) -> str:
    return ", ".join(f"{name}={_literal(value)}" for name, value in values.items())


def _literal(value: Any) -> str:  # noqa: ANN401 - whatever a setting holds
    """Write a plain value as a Python literal: texts in double quotes, or with escapes if they are not printable."""
    if isinstance(value, str):
        return json.dumps(value, ensure_ascii=False) if value.isprintable() else ascii(value)
    if isinstance(value, dict):
        return f"{{{', '.join(f'{_literal(name)}: {_literal(each)}' for name, each in value.items())}}}"
    if isinstance(value, list):
        return f"[{', '.join(map(_literal, value))}]"
    return repr(value)
