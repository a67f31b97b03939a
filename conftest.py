"""Most examples in docstrings begin by reading the sample exports: each pytest worker reads them only once."""

from functools import cache

import pytest

import linkgap as lg
import linkgap.loaders.read

read_links = linkgap.loaders.read.read_links


@cache
def sample_links() -> lg.Links:
    """Return the sample exports' links, read once."""
    return read_links(lg.sample_exports())


@pytest.fixture(autouse=True)
def _samples_are_read_once(request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch) -> None:
    def read(where: object, **options: object) -> lg.Links:
        return sample_links() if (where, options) == (lg.sample_exports(), {}) else read_links(where, **options)

    if isinstance(request.node, pytest.DoctestItem):
        monkeypatch.setattr(linkgap.loaders.read, "read_links", read)
