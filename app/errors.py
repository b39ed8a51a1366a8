"""What can go wrong in words that a person understands; every door translates these four."""


class KustodError(Exception):
    """The common root, so that a door can catch what is ours and nothing else."""


class NotFound(KustodError):
    """There is nothing here, or the viewer may not see it: the two are never told apart."""


class Refused(KustodError):
    """The act is understood and not allowed; the message is the reason."""


class Invalid(KustodError):
    """The input cannot be used.

    `field` names the input, the message says what is wrong with it.
    """

    def __init__(self, field: str, message: str) -> None:
        super().__init__(f"{field}: {message}")
        self.field = field
        self.message = message


class Conflict(KustodError):
    """Somebody else was faster, or the thing is there already."""


class Busy(KustodError):
    """The database did not become free in time; asking again later is right."""
