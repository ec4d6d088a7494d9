"""Objects and events: customers queue for the clerks of a shop; prints how long they waited."""

from __future__ import annotations

import collections
import heapq
import random
from abc import ABC, abstractmethod


class Event(ABC):
    """Something that happens at a time."""

    __slots__ = ("time",)

    def __init__(self, time: float) -> None:
        """Keep when it happens."""
        self.time = time

    def __lt__(self, other: Event) -> bool:
        """Order by time."""
        return self.time < other.time

    @abstractmethod
    def happen(self, shop: Shop) -> None:
        """Change the shop."""


class Arrival(Event):
    """A customer comes in."""

    __slots__ = ()

    def happen(self, shop: Shop) -> None:
        """Join the queue, and let the next one come."""
        shop.queue.append(Customer(self.time, shop.chance.expovariate(1.1)))
        shop.serve(self.time)
        if shop.arrivals:
            shop.arrivals -= 1
            shop.plan(Arrival(self.time + shop.chance.expovariate(3.0)))


class Departure(Event):
    """A customer has been served."""

    __slots__ = ("clerk",)

    def __init__(self, time: float, clerk: str) -> None:
        """Keep when, and by whom."""
        super().__init__(time)
        self.clerk = clerk

    def happen(self, shop: Shop) -> None:
        """Free the clerk for the next one."""
        shop.clerks.append(self.clerk)
        shop.served[self.clerk] += 1
        shop.serve(self.time)


class Customer:
    """Somebody with an errand."""

    def __init__(self, arrived: float, errand: float) -> None:
        """Keep when they came and how long their errand takes."""
        self.arrived, self.errand = arrived, errand

    def waited(self, now: float) -> float:
        """Return the time spent in the queue."""
        return max(0.0, now - self.arrived)


class Shop:
    """Clerks, a queue, and what is going to happen."""

    def __init__(self, clerks: int, arrivals: int) -> None:
        """Open with `clerks`, for `arrivals` customers."""
        self.chance = random.Random(11)  # noqa: S311
        self.clerks = [f"clerk {number}" for number in range(clerks)]
        self.arrivals = arrivals
        self.queue: collections.deque[Customer] = collections.deque()
        self.events: list[Event] = []
        self.served: collections.Counter[str] = collections.Counter()
        self.waits: list[float] = []

    def plan(self, event: Event) -> None:
        """Remember what will happen."""
        heapq.heappush(self.events, event)

    def serve(self, now: float) -> None:
        """Bring free clerks and waiting customers together."""
        while self.queue and self.clerks:
            customer, clerk = self.queue.popleft(), self.clerks.pop()
            self.waits.append(customer.waited(now))
            self.plan(Departure(now + customer.errand, clerk))

    def open(self) -> None:
        """Run until nothing happens any more."""
        self.plan(Arrival(0.0))
        while self.events:
            heapq.heappop(self.events).happen(self)


shop = Shop(clerks=3, arrivals=120_000)
shop.open()
print(
    len(shop.waits),
    f"{sum(shop.waits) / len(shop.waits):.6f}",
    f"{max(shop.waits):.6f}",
    sorted(shop.served.items()),
)
