"""Where the recorded source data lies; tests that need it are skipped where it is absent."""

import os
from pathlib import Path

import pytest

_DEFAULT = Path(__file__).parents[2] / "shared" / "data"


def recorded_folder() -> Path | None:
    """The recorded data's folder; None where it is not here."""
    path = Path(os.environ.get("CORPINTEL_RECORDED_DATA", _DEFAULT))
    return path if path.is_dir() else None


def recorded(*parts: str) -> Path:
    """Path of a recorded file or folder; skips the test, or its module, when it is not here."""
    path = Path(os.environ.get("CORPINTEL_RECORDED_DATA", _DEFAULT), *parts)
    if not path.exists():
        pytest.skip(
            f"no recorded data at {path}: set CORPINTEL_RECORDED_DATA", allow_module_level=True
        )
    return path
