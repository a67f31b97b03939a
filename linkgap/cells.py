"""The columns of an exported file and their cells: plain values, and text that no spreadsheet runs as a formula."""

from __future__ import annotations

import math
import re
from dataclasses import dataclass
from datetime import date, datetime
from typing import TYPE_CHECKING, Any, Literal

from linkgap.domains import clean_host
from linkgap.schema import Column

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence

    import pandas as pd

    Row = Mapping[str, "Value"]

Show = Literal[
    "text", "integer", "number", "boolean", "date", "share", "index", "score", "word", "sentence", "page", "host"
]
Value = str | int | float | date | None

_HEADINGS = {
    "authority_imputed": "Authority estimated",
    "follow_links": "Followed links",
    "link_target": "Link target today",
    "linked_domains": "Domains it links to",
    "page_language": "Page language today",
    "page_title": "Page title today",
    "referring_domains": "Domains linking to it",
    "sample_anchor": "Anchor text",
    "sample_target": "Link target",
    "sample_url": "Sample page",
    "spam": "Marked as spam",
    "tactic_evidence": "Tactic evidence",
    "title": "Page title",
    "language": "Page language",
    "traffic": "Organic traffic",
}
_SHOWN: dict[str, Show] = {
    "authority_percentile": "share",
    "coverage": "share",
    "domain": "host",
    "evidence": "word",
    "largest_domain_share": "share",
    "likelihood": "index",
    "priority": "score",
    "relation": "word",
    "risk": "share",
    "sample_url": "page",
    "tactic": "word",
    "traffic": "integer",
    "value": "index",
}


@dataclass(frozen=True, slots=True)
class Field:
    """One column of a file: its description, its heading for people, how a sheet shows it, and its values."""

    column: Column
    heading: str
    show: Show
    cells: Sequence[Value]


def fields_of(frame: pd.DataFrame, columns: Iterable[Column]) -> list[Field]:
    """Return the columns of a frame as the fields of a file.

    Parameters
    ----------
    columns
        Descriptions of known columns; the types of others are inferred from their values.
    """
    known = {column.name: column for column in columns}
    return [_field(series, known.get(str(name)) or _guessed(series, str(name))) for name, series in frame.items()]


def _field(series: pd.Series, column: Column) -> Field:
    convert = _CONVERTERS[column.type]
    cells = zip(series.astype(object), series.isna(), strict=True)
    values = [None if missing else convert(value) for value, missing in cells]
    return Field(column, heading_of(column.name), show_of(column), values)


def show_of(column: Column) -> Show:
    """Return how a column is shown to people."""
    return _SHOWN.get(column.name, column.type)


def heading_of(name: str) -> str:
    """Return a column's heading for people; a rival's column has the rival's name.

    Examples
    --------
    >>> heading_of("sample_url"), heading_of("rivals_linked"), heading_of("deskly.example")
    ('Sample page', 'Rivals linked', 'deskly.example')
    """
    is_rival = "." in name
    return name if is_rival else _HEADINGS.get(name) or name.replace("_", " ").capitalize()


def _guessed(series: pd.Series, name: str) -> Column:
    from pandas.api.types import infer_dtype

    match infer_dtype(series, skipna=True):
        case "boolean" | "integer" | "date" as kind:
            return Column(name, kind, "")
        case "floating" | "mixed-integer-float":
            return Column(name, "number", "")
        case "datetime64" | "datetime":
            return Column(name, "date", "")
    return Column(name, "text", "")


def _text(value: object) -> str:
    return str(value).encode("utf-8", "replace").decode("utf-8")  # a lone surrogate can't be encoded


def _number(value: float) -> float | None:
    return float(value) if math.isfinite(value) else None


def _day(value: object) -> date:
    if isinstance(value, datetime):
        return value.date()
    return value if isinstance(value, date) else date.fromisoformat(str(value)[:10])


_CONVERTERS: dict[str, Callable[[Any], Value]] = {
    "text": _text,
    "integer": int,
    "number": _number,
    "boolean": bool,
    "date": _day,
}


def rows_of(fields: Sequence[Field]) -> Iterator[tuple[Value, ...]]:
    """Return the cells of each row."""
    return zip(*(field.cells for field in fields), strict=True)


def records_of(fields: Sequence[Field]) -> Iterator[Row]:
    """Return each row as a mapping from column name to value."""
    names = [field.column.name for field in fields]
    return (dict(zip(names, row, strict=True)) for row in rows_of(fields))


_UNSEEN = r"\s\x00-\x20\x7f-\x9f\xad\u061c\u180e\u200b-\u200f\u2028-\u202f\u205f-\u206f\ufeff"
_FORMULA_SIGNS = r"[=+\-@\ufe62\ufe63\ufe66\ufe6b\uff0b\uff0d\uff1d\uff20]"
_HARMLESS = re.compile(r"(?:\w[^;\t\r\n]*)?")
_STARTS_FORMULA = re.compile(rf"[\t\r\n]|[{_UNSEEN}]*+{_FORMULA_SIGNS}")
_CELL_START = re.compile(rf'(?<![;"{_UNSEEN}])[;"{_UNSEEN}]*+(?={_FORMULA_SIGNS})')
_BEFORE_FORMULA = re.compile(rf"(?<![;\"{_UNSEEN}])([;\"{_UNSEEN}]++)('*+)(?={_FORMULA_SIGNS})")
_STARTS_FORMULA_OR_SEALED = re.compile(rf"'*+(?:[\t\r\n]|[{_UNSEEN}]*+{_FORMULA_SIGNS})")
_SEPARATORS = re.compile(r"[;\t\r\n]")
_UNPRINTABLE = re.compile(r"[\x00-\x08\x0b\x0c\x0e-\x1f\x7f\ufffe\uffff]")
_PAGE = re.compile(r'https?://([^/?#\\@"<>]+)(?:[/?#][^\\"<>]*)?', re.IGNORECASE)
_MOST_PAGE_CHARACTERS = 1_000


def neutralised(text: str) -> str:
    """Return `text` so that no spreadsheet that opens the CSV runs it as a formula.

    Text that begins with `=`, `+`, `-`, `@`, their full-width and small forms, a tab or a line break gets an apostrophe
    in front; leading spaces and invisible characters are ignored. So does such text after a semicolon, tab or line
    break: a spreadsheet with another list separator begins a new cell there, whatever the quotes.

    Examples
    --------
    >>> neutralised("=1+1"), neutralised("  @SUM(A1)"), neutralised("call us;=1+1"), neutralised("5 - 3 = 2")
    ("'=1+1", "'  @SUM(A1)", "call us;'=1+1", '5 - 3 = 2')
    """
    if _HARMLESS.fullmatch(text):
        return text
    inside = _CELL_START.sub(_marked, text)
    return f"'{inside}" if starts_formula(text) else inside


def _marked(found: re.Match[str]) -> str:
    return f"{found[0]}'" if _SEPARATORS.search(found[0]) else found[0]


def sealed(text: str) -> str:
    """Return `text` so that no spreadsheet runs it, as `neutralised` does, but so that `unsealed` restores it exactly.

    Text that already looks neutralised gets one more apostrophe.

    Examples
    --------
    >>> sealed("=1+1"), sealed("'=1+1"), sealed("call us;=1+1"), sealed("it's 5 - 3 = 2")
    ("'=1+1", "''=1+1", "call us;'=1+1", "it's 5 - 3 = 2")
    """
    led = f"'{text}" if _STARTS_FORMULA_OR_SEALED.match(text) else text
    return _BEFORE_FORMULA.sub(lambda found: f"{found[0]}'" if _SEPARATORS.search(found[1]) else found[0], led)


def unsealed(text: str) -> str:
    """Return the text that `sealed` was given; text that was not sealed stays as it is.

    Examples
    --------
    >>> unsealed("'=1+1"), unsealed("''=1+1"), unsealed("call us;'=1+1"), unsealed("it's 5 - 3 = 2")
    ('=1+1', "'=1+1", 'call us;=1+1', "it's 5 - 3 = 2")
    """
    led = _BEFORE_FORMULA.sub(lambda found: found[1] + found[2][bool(_SEPARATORS.search(found[1])) :], text)
    return led[1:] if led.startswith("'") and _STARTS_FORMULA_OR_SEALED.match(led) else led


def starts_formula(text: str) -> bool:
    """Tell whether a spreadsheet would take `text` for a formula if it were typed into a cell.

    Examples
    --------
    >>> starts_formula(" =1+1"), starts_formula("1+1")
    (True, False)
    """
    return _STARTS_FORMULA.match(text) is not None


def without_controls(text: str) -> str:
    r"""Return `text` without the control characters that neither CSV nor XLSX can hold.

    Examples
    --------
    >>> without_controls("a\x00b\n")
    'ab\n'
    """
    return _UNPRINTABLE.sub("", text)


def is_page(address: object) -> bool:
    """Tell whether `address` is a plain web address that is safe to turn into a hyperlink.

    Examples
    --------
    >>> (
    ...     is_page("https://blog.example/a?b=c"),
    ...     is_page("javascript:alert(1)"),
    ...     is_page("https://bank.example@evil.example"),
    ... )
    (True, False, False)
    """
    if not isinstance(address, str) or len(address) > _MOST_PAGE_CHARACTERS:
        return False
    found = _PAGE.fullmatch(address) if address.isprintable() and " " not in address else None
    return found is not None and "." in (clean_host(found[1]) or "")


def home_page(domain: object) -> str | None:
    """Return the address of a domain's home page, or None when `domain` is not a host on the web.

    Examples
    --------
    >>> home_page("blog.example"), home_page("not a host"), home_page("localhost")
    ('https://blog.example/', None, None)
    """
    is_host = isinstance(domain, str) and "." in domain and clean_host(domain) == domain
    return f"https://{domain}/" if is_host else None
