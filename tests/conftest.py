"""For all tests: examples have no deadline, as no test depends on time, and what takes longest begins first.

So no worker is left with it when the others have ended. What is heavy to import or to make, and few tests need, those
tests import and make: every worker imports every file.
"""

from hypothesis import settings

settings.register_profile("linkgap", deadline=None)
settings.load_profile("linkgap")

FIRST = ("tests/spark", "tests/gap", "tests/loaders", "tests/browser")
"""A browser waits for so long and no longer: it begins when Spark, which takes every processor, has nearly ended."""


def pytest_collection_modifyitems(items):
    """Sort by file; the workers get the files in this order, as `--no-loadscope-reorder` says."""
    items.sort(key=lambda item: place_of(item.nodeid))


def place_of(name: str) -> int:
    return next((place for place, begin in enumerate(FIRST) if name.startswith(begin)), len(FIRST))
