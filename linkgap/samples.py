"""Where the sample exports and the notebooks are: in the installed package, or beside it in a checkout."""

from pathlib import Path
from typing import Literal

from linkgap.errors import InvalidArgumentError, MissingFileError

_MONTHS = {"this": "exports", "next": "next_month"}


def shipped_folder(name: str) -> Path:
    """Return a folder that comes with linkgap: `sample_data` or `notebooks`.

    Raises
    ------
    MissingFileError
        When the installation is incomplete.
    """
    package = Path(__file__).parent
    for place in (package / name, package.parent / name):
        if place.is_dir():
            return place
    message = f"This installation of linkgap lacks its folder {name}. Reinstall linkgap."
    raise MissingFileError(message)


def sample_exports(month: Literal["this", "next"] = "this") -> Path:
    """Return the folder with the sample exports: one invented site, four rivals, seven tools.

    Parameters
    ----------
    month
        `"next"` for the exports of a month later, to compare with: fewer tools, and some links came and went.

    Returns
    -------
    Path
        A folder that `read_links` reads as it is.

    Raises
    ------
    InvalidArgumentError
        When `month` is anything else.

    Examples
    --------
    >>> len(list(sample_exports().iterdir())) > 9
    True
    >>> len(list(sample_exports("next").iterdir()))
    6
    """
    if month not in _MONTHS:
        message = f"month={month!r} is not known. Allowed: next, this."
        raise InvalidArgumentError(message)
    return shipped_folder("sample_data") / _MONTHS[month]


def sample_web_graph() -> Path:
    """Return the folder with a small invented release of a web graph, laid out as Common Crawl's are.

    Returns
    -------
    Path
        A folder that `read_web_graph` reads as it is.

    Examples
    --------
    >>> sorted(path.name.split("-")[-1] for path in sample_web_graph().iterdir())
    ['edges.txt.gz', 'ranks.txt.gz', 'vertices.txt.gz']
    """
    return shipped_folder("sample_data") / "web_graph"
