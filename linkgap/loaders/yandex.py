"""Yandex Webmaster: what the external links in its API are called, in JSON and in CSV made of it.

The names stand in the vendor's API document and in public code that reads them.
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
