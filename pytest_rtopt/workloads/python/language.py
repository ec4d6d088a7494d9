"""An interpreter: splits a program into tokens, parses it, and runs it on a stack machine."""

from __future__ import annotations

import operator
import re
from typing import NamedTuple

TOKEN = re.compile(r"\s*(?:(\d+)|([a-z]+)|(==|<=|.))")
PRECEDENCE = {"==": 1, "<=": 1, "<": 1, "+": 2, "-": 2, "*": 3, "%": 3}
MEANING = {
    "==": operator.eq,
    "<=": operator.le,
    "<": operator.lt,
    "+": operator.add,
    "-": operator.sub,
    "*": operator.mul,
    "%": operator.mod,
}
PROGRAM = """
n = 0; total = 0;
while n < 50000 { if n % 3 == 0 { total = total + n * n } else { total = total - n } n = n + 1 }
print total; a = 0; b = 1; i = 0;
while i < 20000 { c = a + b; a = b; b = c % 1000007; i = i + 1 }
print a
"""


class Step(NamedTuple):
    """One instruction: what to do, and with what."""

    action: str
    argument: int | str


class Parser:
    """Translates tokens into instructions."""

    def __init__(self, text: str) -> None:
        """Split `text` into tokens."""
        found = (match.groups() for match in TOKEN.finditer(text.strip()))
        self.tokens = [number or name or sign for number, name, sign in found] + [""]
        self.position = 0
        self.steps: list[Step] = []

    def take(self) -> str:
        """Return the next token and go on."""
        self.position += 1
        return self.tokens[self.position - 1]

    def emit(self, action: str, argument: int | str = 0) -> int:
        """Append an instruction and return its place."""
        self.steps.append(Step(action, argument))
        return len(self.steps) - 1

    def expression(self, least: int = 1) -> None:
        """Translate a sum, a product or a comparison."""
        word = self.take()
        if word.isdigit():
            self.emit("push", int(word))
        else:
            self.emit("load", word)
        while PRECEDENCE.get(self.tokens[self.position], 0) >= least:
            sign = self.take()
            self.expression(PRECEDENCE[sign] + 1)
            self.emit("apply", sign)

    def block(self) -> None:
        """Translate what stands in braces."""
        self.take()
        while self.tokens[self.position] != "}":
            self.statement()
        self.take()

    def statement(self) -> None:
        """Translate one statement."""
        word = self.take()
        if word == "print":
            self.expression()
            self.emit("print")
        elif word in {"while", "if"}:
            start = len(self.steps)
            self.expression()
            test = self.emit("unless")
            self.block()
            if word == "while":
                self.emit("jump", start)
            elif self.tokens[self.position] == "else":
                self.take()
                over = self.emit("jump")
                self.steps[test] = Step("unless", len(self.steps))
                self.block()
                self.steps[over] = Step("jump", len(self.steps))
                return
            self.steps[test] = Step("unless", len(self.steps))
        elif word != ";":
            self.take()
            self.expression()
            self.emit("store", word)


def run(steps: list[Step]) -> None:
    """Run the instructions."""
    stack: list[int] = []
    names: dict[str, int] = {}
    place = 0
    while place < len(steps):
        action, argument = steps[place]
        place += 1
        if action == "push":
            stack.append(int(argument))
        elif action == "load":
            stack.append(names[str(argument)])
        elif action == "store":
            names[str(argument)] = stack.pop()
        elif action == "apply":
            right = stack.pop()
            stack.append(MEANING[str(argument)](stack.pop(), right))
        elif action == "print":
            print(stack.pop())
        elif action == "jump" or not stack.pop():
            place = int(argument)


parser = Parser(PROGRAM)
while parser.tokens[parser.position]:
    parser.statement()
run(parser.steps)
