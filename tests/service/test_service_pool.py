"""Workers that hang, die and raise: what it costs, and whom."""

from __future__ import annotations

import asyncio
import sys
from collections import Counter
from collections.abc import AsyncIterator, Awaitable, Callable, Sequence
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any

import pytest

from adsift.service.pool import Pool
from adsift.service.refusal import RefusalError
from adsift.service.work import Job

STAND_IN = (sys.executable, str(Path(__file__).with_name("stand_in_worker.py")), "", "60")


def always(command: Sequence[str]) -> Callable[[], Awaitable[Sequence[str]]]:
    async def given() -> Sequence[str]:
        return command

    return given


@asynccontextmanager
async def a_pool(
    workers: int = 1, timeout: float = 20, lost: Counter[str] | None = None
) -> AsyncIterator[Pool]:
    count = Counter[str]() if lost is None else lost
    pool = Pool(always(STAND_IN), workers, timeout, lambda reason: count.update([reason]))
    pool.start()
    await until(lambda: pool.up == workers)
    try:
        yield pool
    finally:
        await pool.stop()


async def until(true: Callable[[], bool]) -> None:
    async with asyncio.timeout(60):
        while not true():
            await asyncio.sleep(0.02)


async def status(pool: Pool, text: str) -> int:
    try:
        return (await pool.run(Job("tag", text.encode(), "text/plain"))).status
    except RefusalError as refusal:
        return refusal.status


def run(test: Callable[[], Awaitable[Any]]) -> None:
    async def main() -> None:
        await test()

    asyncio.run(main())


def test_a_job_is_done() -> None:
    async def test() -> None:
        async with a_pool() as pool:
            job = Job(
                "strip", b"The ferry runs.\n\nShoes, $39.", "text/plain", wanted=("text/plain",)
            )
            answer = await pool.run(job)
            assert answer.body == b"The ferry runs."
            assert (answer.paragraphs, answer.removed) == (
                {"news": 1, "commerce": 1},
                {"commerce": 1},
            )

    run(test)


def test_an_exception_costs_its_document_and_tells_nothing() -> None:
    async def test() -> None:
        lost = Counter[str]()
        async with a_pool(lost=lost) as pool:
            answer = await pool.run(Job("tag", b"EXPLODE", "text/plain"))
            assert answer.status == 500
            assert b"secret" not in answer.body
            assert b"Traceback" not in answer.body
            assert await status(pool, "The ferry runs.") == 200
            assert not lost  # it was the same worker

    run(test)


def test_a_worker_that_dies_is_replaced_and_costs_one_job() -> None:
    async def test() -> None:
        lost = Counter[str]()
        async with a_pool(2, lost=lost) as pool:
            texts = ["One.", "DIE", "Two.", "DIE", "Three.", "Four."]
            found = await asyncio.gather(*(status(pool, text) for text in texts))
            assert found == [200, 500, 200, 500, 200, 200]
            assert lost == {"died": 2}
            await until(lambda: pool.up == 2)

    run(test)


def test_a_worker_that_is_killed_while_idle_costs_nothing() -> None:
    async def test() -> None:
        async with a_pool() as pool:
            for process in pool._processes:
                process.kill()
            await until(lambda: pool.up == 0)
            assert await status(pool, "One.") == 200

    run(test)


def test_a_job_that_finds_its_worker_dead_is_done_by_another() -> None:
    async def test() -> None:
        lost = Counter[str]()
        async with a_pool(lost=lost) as pool:
            for process in pool._processes:
                process.kill()
            # The pool has not seen it yet.
            assert await status(pool, "One.") == 200
            assert lost == {"died": 1}
            assert await status(pool, "DIE") == 500
            assert lost == {"died": 2}

    run(test)


def test_a_worker_that_hangs_is_killed_and_replaced() -> None:
    async def test() -> None:
        lost = Counter[str]()
        async with a_pool(2, timeout=3, lost=lost) as pool:
            found = await asyncio.gather(*(status(pool, text) for text in ("HANG", "One.", "Two.")))
            assert found == [504, 200, 200]
            assert lost == {"timeout": 1}
            await until(lambda: pool.up == 2)
            assert await status(pool, "Three.") == 200

    run(test)


@pytest.mark.skipif(sys.platform != "linux", reason="counts the open files of a process")
def test_a_worker_that_is_killed_in_the_middle_of_a_large_answer_is_replaced() -> None:
    async def test() -> None:
        async with a_pool(timeout=2) as pool:
            before = open_files()
            for _ in range(2):
                (killed,) = pool._processes
                # More than asyncio holds of what nobody reads.
                assert await status(pool, "TRICKLE " + "a" * 20_000_000) == 504
                await until(lambda old=killed: pool.up == 1 and old not in pool._processes)
            assert await status(pool, "One.") == 200
            assert open_files() == before

    run(test)


def open_files() -> int:
    return len([*Path("/proc/self/fd").iterdir()])


def test_who_waits_too_long_is_not_begun() -> None:
    async def test() -> None:
        async with a_pool(timeout=1) as pool:
            hanging = asyncio.create_task(status(pool, "HANG"))
            await until(lambda: pool.busy == 1)
            loop = asyncio.get_running_loop()
            with pytest.raises(RefusalError) as caught:
                await pool.run(Job("tag", b"One.", "text/plain"), loop.time() - 0.9)
            assert (caught.value.status, caught.value.code) == (503, "overloaded")
            assert caught.value.retry_after
            assert pool.waiting == 0
            assert await hanging == 504

    run(test)


def test_who_gives_up_is_not_worked_for() -> None:
    async def test() -> None:
        async with a_pool() as pool:
            slow = asyncio.create_task(status(pool, "SLOW"))
            await until(lambda: pool.busy == 1)
            waiting = asyncio.create_task(status(pool, "DIE"))
            await until(lambda: pool.waiting == 1)
            waiting.cancel()
            assert await slow == 200
            assert (pool.waiting, pool.up) == (0, 1)
            assert await status(pool, "One.") == 200

    run(test)


def test_a_large_document_goes_there_and_back() -> None:
    async def test() -> None:
        async with a_pool() as pool:
            text = "\n\n".join(f"Paragraph {number}." for number in range(100_000))
            answer = await pool.run(Job("strip", text.encode(), "text/plain"))
            assert len(answer.body) > len(text)

    run(test)


def test_the_end_refuses_what_is_not_done() -> None:
    async def test() -> None:
        async with a_pool() as pool:
            jobs = [asyncio.create_task(status(pool, text)) for text in ("HANG", "One.")]
            await until(lambda: pool.busy == 1)
            await pool.stop()
            assert [await job for job in jobs] == [503, 503]
            assert await status(pool, "Two.") == 503

    run(test)


def test_a_pool_that_has_ended_holds_no_worker() -> None:
    async def test() -> None:
        async with a_pool() as pool:
            assert await status(pool, "One.") == 200
            assert len(pool._idle) == 1
        assert len(pool._idle) == pool.up == 0

    run(test)


def test_a_worker_that_does_not_start_is_tried_again(caplog: pytest.LogCaptureFixture) -> None:
    async def test() -> None:
        pool = Pool(always([sys.executable, "-c", "pass"]), 1, 1, lambda reason: None)  # noqa: ARG005
        pool.start()
        await until(lambda: len(caplog.records) >= 2)
        assert pool.up == 0
        await pool.stop()

    run(test)
    assert "did not start" in caplog.text
