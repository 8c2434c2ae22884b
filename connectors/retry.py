"""Which failures are tried again, how often and how long."""

import random
from dataclasses import dataclass


@dataclass(frozen=True)
class RetryPolicy:
    """How often and how long one request is tried; all times in seconds.

    A `Retry-After` longer than `retry_after_cap` is not sat out: it opens the host's breaker.
    `attempt` bounds one wire attempt whole, from connecting to the body's last byte. A quota that
    is free again within `quota_patience` is waited for.
    """

    attempts: int = 4
    wait_initial: float = 0.5
    wait_max: float = 20.0
    wait_jitter: float = 1.0
    total: float = 240.0
    attempt: float = 120.0
    retry_after_cap: float = 60.0
    breaker_failures: int = 3
    breaker_pause: float = 60.0
    quota_patience: float = 600.0


class TransientError(Exception):
    """A failure that another try may mend; `is_counted` where the host's failures have it."""

    def __init__(
        self, what: str, retry_after: float | None = None, *, is_counted: bool = False
    ) -> None:
        super().__init__(what)
        self.what = what
        self.retry_after = retry_after
        self.is_counted = is_counted


def backoff(policy: RetryPolicy, error: Exception) -> bool | float:
    """Whether to try again, or after how many seconds where the source says so."""
    if not isinstance(error, TransientError):
        return False
    if error.retry_after is None:
        return True
    if error.retry_after > policy.retry_after_cap:
        return False
    jitter = random.uniform(0.0, policy.wait_jitter)  # noqa: S311 - spreads load, no secret
    return error.retry_after + jitter
