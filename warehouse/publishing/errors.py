"""The error of publishing."""


class PublishRefusedError(RuntimeError):
    """An audit that failed: the marts stay on the last good night."""
