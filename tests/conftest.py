"""What takes longest begins first, so that no worker is left with it when the others have ended."""

SLOWEST = (
    "tests/spark/test_local",
    "tests/spark",
    "tests/browser/test_explorer",
    "tests/browser",
    "tests/loaders/test_fuzz",
)


def pytest_collection_modifyitems(items):
    """Sort by file; the workers get the files in this order, as `--no-loadscope-reorder` says."""
    items.sort(key=lambda item: place_of(item.nodeid))


def place_of(name: str) -> int:
    return next((place for place, begin in enumerate(SLOWEST) if name.startswith(begin)), len(SLOWEST))
