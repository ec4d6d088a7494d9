"""The errors that a user sees: one sentence that says what was wrong, where, and the remedy."""


class RtoptError(Exception):
    """A mistake or a condition outside the program that ends the work at hand.

    The message is shown to the user as it is, without a traceback: one sentence with what was wrong, where,
    and the remedy. Further lines may carry a tool's own output.
    """


class ProcessError(RtoptError):
    """A program that could not be started, ran out of time, or returned a status that was not expected."""


class ProfileError(RtoptError):
    """A hardware profile that is missing, unreadable or wrong; names file, field and what was expected."""


class SourceError(RtoptError):
    """A pinned source that cannot be had, or that has another hash than the pinned one."""


class NixError(RtoptError):
    """Nix is absent, cannot write its store, or refused an expression."""


class BuildError(RtoptError):
    """A derivation that failed to build; carries the end of its log and the path of the whole log."""


class CacheError(RtoptError):
    """A cache that cannot be reached, or holds what cannot be trusted; carries what Nix said."""


class EvidenceError(RtoptError):
    """A file that evidence was to be read from and that is not what its name promises."""


class ReportError(RtoptError):
    """A result file that cannot be read or written."""


class MachineError(RtoptError):
    """A machine that a strict run must not measure on; says why, a line for each reason."""


class LayoutError(RtoptError):
    """Why there is no further build of what a workload runs: a clause that ends a sentence about its gain."""
