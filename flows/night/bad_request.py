"""The error of a request that nothing can be done with."""


class BadRequestError(ValueError):
    """Parameters that no command can run with; the message says what, the value and the cure."""
