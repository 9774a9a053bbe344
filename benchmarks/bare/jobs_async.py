"""Jobs of a service in turn with procrastinate alone; prints figures as JSON."""

import asyncio
import json
import logging
import sys
import time
from statistics import quantiles

from app.core.database import Database
from app.core.jobs import JobContext, Jobs, job
from app.core.jobs.worker import Worker
from app.core.metrics import Metrics
from app.core.server import Drain
from app.settings import load_settings
from procrastinate import App, PsycopgConnector
from sqlalchemy import text

CONCURRENCY = 10  # the default of ``JOBS_CONCURRENCY``
NAME = "empty"
GOLDEN = 0.618  # its multiples hit every moment between two looks for jobs
CREATE = "CREATE TABLE bare (id bigserial PRIMARY KEY, name text NOT NULL, args jsonb)"
CLEAR = "TRUNCATE bare, procrastinate_jobs CASCADE"
FILL = """
    INSERT INTO procrastinate_jobs (queue_name, task_name, args)
    SELECT :queue, :name, CAST(:args AS jsonb) FROM generate_series(1, :count)
"""
INSERT = text(
    "INSERT INTO bare (name, args) VALUES (:name, CAST(:args AS jsonb)) RETURNING id"
)
started: asyncio.Queue[float] = asyncio.Queue()


@job(NAME)
async def empty(_: JobContext, *, time_: float = 0) -> None:
    """Tell how long it took until this job has started."""
    started.put_nowait(time.time() - time_)


async def execute(database: Database, statement: str, **values: object) -> None:
    """Run a statement in a transaction."""
    async with database.transaction() as session:
        await session.execute(text(statement), values)


async def run_ours(worker: Worker, count: int) -> dict[str, float]:
    """Let a worker of the service run jobs."""
    args = json.dumps({"arguments": {"time_": 0}})
    queue = empty.stored_name
    await execute(worker.database, FILL, queue=queue, name=NAME, args=args, count=count)
    cpu, wall = time.process_time(), time.perf_counter()
    assert await worker.run_due() == count
    return {
        "cpu": (time.process_time() - cpu) / count * 1e6,
        "rate": count / (time.perf_counter() - wall),
    }


async def run_bare(app: App, database: Database, count: int) -> dict[str, float]:
    """Let a worker of procrastinate run as many, with a pool of its own."""
    await execute(database, FILL, queue="bare", name=NAME, args="{}", count=count)
    cpu, wall = time.process_time(), time.perf_counter()
    await app.run_worker_async(
        queues=["bare"],
        concurrency=CONCURRENCY,
        wait=False,
        listen_notify=False,
        install_signal_handlers=False,
    )
    return {
        "bare_cpu": (time.process_time() - cpu) / count * 1e6,
        "bare_rate": count / (time.perf_counter() - wall),
    }


async def enqueue(database: Database, count: int) -> dict[str, float]:
    """Enqueue jobs, and insert as many rows, in one transaction that rolls back."""
    args = json.dumps({"arguments": {"time_": 0}})
    async with database.transaction() as session:
        jobs, found = Jobs(session), {}
        for name in ("", "enqueue", "insert"):  # the first is to warm up
            cpu, wall = time.process_time(), time.perf_counter()
            for _ in range(count):
                if name == "insert":
                    await session.execute(INSERT, {"name": NAME, "args": args})
                else:
                    await jobs.enqueue(empty, time_=0)
            found[f"{name}_cpu"] = (time.process_time() - cpu) / count * 1e6
            found[name] = (time.perf_counter() - wall) / count * 1e6
        await session.execute(INSERT, {"name": NAME, "args": args})
        await session.rollback()
    return found


async def start(worker: Worker, count: int) -> dict[str, float]:
    """Enqueue jobs one after the other, for a worker that has nothing else to do."""
    while not started.empty():
        started.get_nowait()
    seconds = []
    running = asyncio.create_task(worker.run())
    for number in range(count):
        await asyncio.sleep(number * GOLDEN % 1)
        async with worker.database.transaction() as session:
            await Jobs(session).enqueue(empty, time_=time.time())
        seconds.append(await started.get())
    await worker.stop(1)
    running.cancel()
    percentiles = quantiles(seconds, n=100)
    return {"p50": percentiles[49] * 1e3, "p99": percentiles[98] * 1e3}


async def main() -> None:
    """Measure some rounds with so many jobs each."""
    rounds, count = map(int, sys.argv[1:])
    logging.disable()
    settings = load_settings()
    state = {"settings": settings, "metrics": Metrics("1"), "drain": Drain()}
    worker = Worker([empty], [], state)
    url = settings.database.url.render_as_string(hide_password=False)
    app = App(connector=PsycopgConnector(conninfo=url, max_size=CONCURRENCY + 3))

    @app.task(name=NAME, queue="bare")
    async def bare() -> None:
        """Do nothing."""

    database = worker.database
    await execute(database, CREATE)
    found = []
    async with app.open_async():
        for round_ in range(rounds + 1):
            await execute(database, CLEAR)
            one = await run_bare(app, database, count)
            one |= await run_ours(worker, count)
            one |= await enqueue(database, count)
            found += [one] if round_ else []  # Python gets faster at what it does often
    await worker.close()
    resting = Worker([empty], [], {**state, "metrics": Metrics("1")})
    latency = await start(resting, max(2, count // 10))
    await resting.close()
    print(json.dumps([one | latency for one in found]))


if __name__ == "__main__":
    asyncio.run(main())
