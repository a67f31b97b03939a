"""For all tests: Hypothesis has no deadline, as no test depends on time, and the slowest tests start first.

So no worker is left alone with these when the others have ended. What is slow to import or to make, and used by few
tests, is imported and made in those tests, not at the top of a file: every worker imports every file.
"""

from hypothesis import settings

settings.register_profile("linkgap", deadline=None)
settings.load_profile("linkgap")

FIRST = ("tests/spark", "tests/gap", "tests/loaders", "tests/browser")
"""What starts first, in this order. Browser tests have timeouts, so they start when Spark, which takes every processor,
has nearly ended."""


def pytest_collection_modifyitems(items):
    """Sort by folder, `FIRST` before others; the workers get the files in this order, by `--no-loadscope-reorder`."""
    items.sort(key=lambda item: place_of(item.nodeid))


def place_of(name: str) -> int:
    return next((place for place, begin in enumerate(FIRST) if name.startswith(begin)), len(FIRST))
