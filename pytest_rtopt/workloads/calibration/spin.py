"""Work of a known amount: as many equal units as the file `units` in the current directory says."""


def spin(units: int) -> int:
    """Do `units` units of arithmetic and of work on a small table, and return what they amount to."""
    total = 0
    table = {}
    for unit in range(units):
        for step in range(100):
            total = (total * 31 + step) % 1000003
            table[total & 1023] = unit
    return total + len(table)


with open("units") as file:  # noqa: PTH123  # pathlib takes longer to import than all else here
    done = spin(int(file.read()))
# The answer is the same for every amount: what is compared is the time of more work and of less.
print("spun" if done >= 0 else "")
