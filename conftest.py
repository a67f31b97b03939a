"""Most examples in docstrings, and the notebooks, begin with the sample exports: a worker reads them once for all."""

from functools import cache
from pathlib import Path

import pytest

import linkgap as lg
import linkgap.loaders.read

read_links = linkgap.loaders.read.read_links


@cache
def sample_links() -> lg.Links:
    """Return the sample exports' links, read once."""
    return read_links(lg.sample_exports())


def read_samples_once(where: object, **options: object) -> lg.Links:
    """Read as `read_links` does, the sample exports once."""
    are_samples = isinstance(where, Path) and (where, options) == (lg.sample_exports(), {})
    return sample_links() if are_samples else read_links(where, **options)


@pytest.fixture(autouse=True)
def _samples_are_read_once(request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch) -> None:
    if isinstance(request.node, pytest.DoctestItem):
        monkeypatch.setattr(linkgap.loaders.read, "read_links", read_samples_once)
