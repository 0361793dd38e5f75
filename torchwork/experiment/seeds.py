"""Randomness as a function of the document's seed, never of what was drawn before."""

from __future__ import annotations

import hashlib


def stream_seed(seed: int, epoch: int, purpose: str) -> int:
    """The seed of one stream of random numbers: the first 8 bytes of SHA-256 of `seed/epoch/purpose`, big endian."""
    return int.from_bytes(hashlib.sha256(f"{seed}/{epoch}/{purpose}".encode()).digest()[:8], "big")
