from __future__ import annotations

from collections.abc import Iterator, Sequence

from hypothesis import given
from hypothesis import strategies as st

from adsift.salvage import salvage


@given(st.lists(st.integers(), min_size=1))
def test_a_bad_one_costs_only_itself(numbers: list[int]) -> None:
    calls: list[int] = []

    def halve(batch: Sequence[int]) -> list[int]:
        calls.append(len(batch))
        if any(number % 2 for number in batch):
            raise ValueError("odd")
        return [number // 2 for number in batch]

    found = salvage(numbers, halve, lambda number, error: f"{number}: {error}")
    assert found == [f"{n}: odd" if n % 2 else n // 2 for n in numbers]
    # All at once where nothing is wrong.
    assert calls[0] == len(numbers)
    assert len(calls) == (
        1 if all(n % 2 == 0 for n in numbers) or len(numbers) == 1 else len(numbers) + 1
    )


def test_what_came_before_the_bad_one_is_not_done_again() -> None:
    seen: list[int] = []

    def halve(batch: Sequence[int]) -> Iterator[int]:
        for number in batch:
            seen.append(number)
            if number % 2:
                raise ValueError("odd")
            yield number // 2

    assert salvage([2, 4, 5, 6], halve, lambda number, _: -number) == [1, 2, -5, 3]
    assert seen == [2, 4, 5, 5, 6]
