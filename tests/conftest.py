"""What tests share: the folder of real data, and one thread per operation so that results repeat."""

from __future__ import annotations

from pathlib import Path

import pytest

SHARED = Path(__file__).resolve().parents[2] / "shared"


@pytest.fixture(scope="session")
def shared() -> Path:
    """The folder `../shared` beside the checkout, with real data; the test is skipped where it is absent."""
    if not (SHARED / "data").is_dir():
        pytest.skip(f"needs the real data beside the checkout, at {SHARED / 'data'}")
    return SHARED
