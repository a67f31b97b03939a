"""Yandex Webmaster: the field names of external links in its API, in JSON and in CSV made from it.

They come from the vendor's API documentation and from public code that reads them.
"""

from linkgap.loaders.reports import Report

EXTERNAL_LINKS = Report(
    provider="yandex",
    name="external links",
    required=("source_url", "destination_url"),
    sample="Yandex Webmaster shows a sample",
    columns={
        "source_url": "source_url",
        "target_url": "destination_url",
        "first_seen": "discovery_date",
        "last_seen": "source_last_access_date",
    },
)

REPORTS = (EXTERNAL_LINKS,)
