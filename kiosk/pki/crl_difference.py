"""What the entries of a list have more than those of the one before, which is one entry in half a megabyte."""


def place_of_what_is_new(before: bytes, now: bytes) -> slice | None:
    """Where `now` has octets that `before` lacks, when they stand in one place and nothing else differs."""
    length = len(now) - len(before)
    if length <= 0:
        return None
    begin = alike(before, now)
    if not now.endswith(memoryview(before)[begin:]):
        return None
    return slice(begin, begin + length)


def alike(one: bytes, other: bytes) -> int:
    """How many octets both begin with."""
    begin, end = 0, min(len(one), len(other))
    view = memoryview(one)
    while begin < end:  # by halves, for only whole stretches are quickly compared
        middle = (begin + end + 1) // 2
        if other.startswith(view[begin:middle], begin):
            begin = middle
        else:
            end = middle - 1
    return begin
