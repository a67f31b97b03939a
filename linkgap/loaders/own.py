"""linkgap's own columns: a table headed with the names of the links table, whoever made it."""

from linkgap.loaders.reports import Report
from linkgap.schema import LINKS as COLUMNS

_SAID_BY_THE_READER = {"provider", "report", "file", "row"}

LINKS = Report(
    provider="linkgap",
    name="links",
    required=("source_url|source_domain",),
    authority_metric="authority",
    columns={column.name: column.name for column in COLUMNS if column.name not in _SAID_BY_THE_READER},
)
"""With a column `site` the file says itself which compared site a link is for."""

REPORTS = (LINKS,)
