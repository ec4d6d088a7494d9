"""What a null run shows: whether flags or the way they are applied are at fault, and the sentence for it."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

from pytest_rtopt.evidence.flagless_overlay import message_without_flags
from pytest_rtopt.results.phrases import listing

if TYPE_CHECKING:
    from collections.abc import Sequence

_MOST_NAMES: Final = 4


@dataclass(frozen=True)
class Taken:
    """What a null run leaves out: `flags` of `overlays` files, or what the profile asks of `attributes`.

    With `attributes`, the overlays are those of this project.
    """

    flags: tuple[str, ...] = ()
    overlays: int = 1
    attributes: tuple[str, ...] = ()

    @property
    def _subject(self) -> str:
        return "the overlay" if self.overlays == 1 else "the overlays"

    def _verb(self, one: str, several: str) -> str:
        return one if self.overlays == 1 else several

    @property
    def _without(self) -> str:
        """Return the first words of each sentence."""
        if self.attributes:
            return "With a profile that asks for nothing"
        return f"Without {self._verb('its', 'their')} flags ({listing(self.flags, _MOST_NAMES)})"

    @property
    def _flags_at_fault(self) -> str:
        if self.attributes:
            fields = listing([f"`packages.{attribute}`" for attribute in self.attributes], _MOST_NAMES)
            return (
                "so what the profile asks for is at fault; change `build.compiler` or "
                f"{fields} in the profile."
            )
        return "so the flags are at fault; correct them."

    @property
    def _application_at_fault(self) -> str:
        if self.attributes:
            return "so the profile is not at fault; the overlay does not fit these packages."
        return "so the flags are not at fault; the way they are applied is."

    def of_evaluation(self, *, fails: bool) -> str:
        """Return the sentence for a failed evaluation; `fails`: the null run fails in the same way."""
        if fails:
            verb = self._verb("fails", "fail")
            return f"{self._without} {self._subject} {verb} in the same way, {self._application_at_fault}"
        evaluates = self._verb("evaluates", "evaluate")
        return f"{self._without} {self._subject} {evaluates}, {self._flags_at_fault}"

    def of_build(self, attribute: str, changes: Sequence[str], in_errors: Sequence[str]) -> str:
        """Return the sentence for a failed build of `attribute`.

        `changes` are the attributes of its derivation that the null run changes, too. `in_errors` are flags
        that the build's log names in an error.
        """
        if not changes:
            makes = self._verb("makes", "make")
            return (
                f"{self._without} {self._subject} {makes} the same build of {attribute} as stock, which "
                f"works, {self._flags_at_fault}"
            )
        if in_errors and not self.attributes:
            return f"The log names {listing(in_errors, _MOST_NAMES)} in an error, {self._flags_at_fault}"
        named = listing(changes, _MOST_NAMES)
        if self.attributes:
            fault = self._application_at_fault
        else:
            fault = f"so the way the flags are applied is probably at fault; leave {named} as in stock."
        changes_it = self._verb("changes", "change")
        return f"{self._without} {self._subject} still {changes_it} {named} of {attribute}, {fault}"


def is_same_failure(said: str, null: str) -> bool:
    """Return whether two messages of Nix are the same apart from flags that they quote."""
    return message_without_flags(said) == message_without_flags(null)


def with_sentence(message: str, sentence: str | None, *, first_line: bool = False) -> str:
    """Return an error's message with a sentence behind it, or behind its first line."""
    if sentence is None:
        return message
    head, newline, rest = message.partition("\n") if first_line else (message, "", "")
    stop = "" if head.endswith(".") else "."
    return f"{head}{stop} {sentence}{newline}{rest}"
