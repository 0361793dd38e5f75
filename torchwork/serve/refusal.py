"""Errors of the server, each with its HTTP status."""

from __future__ import annotations

from torchwork.errors import TorchworkError


class RefusedError(TorchworkError):
    """A request that cannot be met; `status` says which kind of refusal it is."""

    def __init__(self, message: str, status: int = 400) -> None:
        super().__init__(message)
        self.status = status


class ChangedError(RefusedError):
    """What was to be changed is not as it was when the change began; `stored` is what is there."""

    def __init__(self, message: str, stored: str) -> None:
        super().__init__(message, 409)
        self.stored = stored


class NotFoundError(RefusedError):
    """What was asked for is not there, or not any more."""

    def __init__(self, message: str) -> None:
        super().__init__(message, 404)
