"""Errors that are shown to the user: one sentence with what was wrong, where, and the remedy."""


class RtoptError(Exception):
    """A user's mistake, or a condition outside the program, that ends the current step.

    The message is shown to the user unchanged and without a traceback. It is one sentence with what was
    wrong, where, and the remedy. Further lines may hold a tool's own output.
    """


class ProcessError(RtoptError):
    """A program could not be started, ran out of time, or returned an unexpected status."""


class ProfileError(RtoptError):
    """A hardware profile is missing, unreadable or wrong; names the file, the field and what was expected."""


class SourceError(RtoptError):
    """A pinned source cannot be fetched, or its hash differs from the pinned one."""


class NixError(RtoptError):
    """Nix is absent, cannot write its store, or refused an expression."""


class OverlayError(NixError):
    """An overlay is refused by a sentence of this project, which says what is wrong and what to do."""


class BuildError(RtoptError):
    """A derivation failed to build; holds the end of its log and the path of the whole log."""


class FailedBuildError(BuildError):
    """A derivation did not build.

    `drv` is the derivation that was to be built, `culprit` the one that failed, `log` its log. `by_machine`
    says that the machine is at fault, such as a full disk.
    """

    def __init__(self, message: str, *, drv: str, culprit: str, log: str, by_machine: bool) -> None:
        super().__init__(message)
        self.drv = drv
        self.culprit = culprit
        self.log = log
        self.by_machine = by_machine


class CacheError(RtoptError):
    """A cache cannot be reached, or its content cannot be trusted; holds Nix's own message."""


class EvidenceError(RtoptError):
    """A file that should hold evidence does not have the format that its name promises."""


class ReportError(RtoptError):
    """A result file cannot be read or written."""


class MachineError(RtoptError):
    """A strict run must not measure on this machine; gives the reasons, one per line."""


class LayoutError(RtoptError):
    """There is no further build of what a workload runs.

    The message is a clause without a capital letter, which ends a sentence about the workload's gain.
    """
