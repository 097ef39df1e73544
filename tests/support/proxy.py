"""A line to PostgreSQL that breaks when a test wants it to: before a request arrives, or before its answer does."""

import asyncio
import tempfile
import threading
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from enum import Enum
from pathlib import Path
from typing import NoReturn

from sqlalchemy.engine import make_url

SOCKET = ".s.PGSQL.5432"
CHUNK = 65_536


class Loses(Enum):
    """What the broken line takes with it."""

    REQUEST = "request"
    """The server never hears of it."""
    ANSWER = "answer"
    """The server has done it, and nobody hears so."""


class Line:
    """Forwards a socket. A request is what the client sends in one go, an answer what comes back to it."""

    def __init__(self, server: Path) -> None:
        self._server = server
        self._writers: set[asyncio.StreamWriter] = set()
        self._break_at: int | None = None
        self._loses = Loses.REQUEST
        self._counts = b""
        self._answer_is_lost = False
        self._requests = 0
        self.broken = False
        """Since the line was last told where to break."""

    def break_at(self, request: int | None, loses: Loses = Loses.REQUEST, counts: bytes = b"") -> None:
        """Break once at the `request`-th request from now, counted from 1; None lets everything through.

        Only requests that hold `counts` are counted.
        """
        self._loses, self._break_at, self._counts = loses, request, counts
        self._requests, self._answer_is_lost, self.broken = 0, False, False

    async def carry(self, client: asyncio.StreamReader, to_client: asyncio.StreamWriter) -> None:
        """Serve one connection until either side has left."""
        server, to_server = await asyncio.open_unix_connection(str(self._server))
        self._writers |= {to_client, to_server}
        try:
            async with asyncio.TaskGroup() as both:
                both.create_task(self._carry_requests(client, to_server))
                both.create_task(self._carry_answers(server, to_client))
        except* ConnectionError:
            pass
        finally:
            for writer in (to_client, to_server):
                self._writers.discard(writer)
                writer.transport.abort()

    def hang_up(self) -> None:
        """End every connection."""
        for writer in self._writers:
            writer.transport.abort()

    async def _carry_requests(self, client: asyncio.StreamReader, to_server: asyncio.StreamWriter) -> None:
        while request := await client.read(CHUNK):
            self._requests += self._counts in request
            if self._counts in request and self._requests == self._break_at:
                if self._loses is Loses.REQUEST:
                    self._break()
                self._answer_is_lost = True
            to_server.write(request)
            await to_server.drain()
        raise ConnectionResetError

    async def _carry_answers(self, server: asyncio.StreamReader, to_client: asyncio.StreamWriter) -> None:
        while answer := await server.read(CHUNK):
            if self._answer_is_lost:
                self._answer_is_lost = False
                self._break()
            to_client.write(answer)
            await to_client.drain()
        raise ConnectionResetError

    def _break(self) -> NoReturn:
        self.broken = True
        self.hang_up()
        raise ConnectionResetError


@contextmanager
def a_line_to(url: str) -> Iterator[tuple[Line, str]]:
    """A line in front of the PostgreSQL server of `url`, and the URL that goes over it."""
    direct = make_url(url)
    with tempfile.TemporaryDirectory(
        prefix="line-"
    ) as folder:  # short: a socket's path has at most 107 bytes
        line = Line(Path(str(direct.query["host"])) / SOCKET)
        loop = asyncio.new_event_loop()
        thread = threading.Thread(target=loop.run_forever, name="line to the registry")
        thread.start()
        serve = asyncio.start_unix_server(line.carry, path=f"{folder}/{SOCKET}")
        server = asyncio.run_coroutine_threadsafe(serve, loop).result(60)
        try:
            yield line, direct.set(query={**direct.query, "host": folder}).render_as_string()
        finally:
            asyncio.run_coroutine_threadsafe(_stop(server, line), loop).result(60)
            loop.call_soon_threadsafe(loop.stop)
            thread.join()
            loop.close()


async def _stop(server: asyncio.Server, line: Line) -> None:
    server.close()
    line.hang_up()
    others = asyncio.all_tasks() - {asyncio.current_task()}
    with suppress(TimeoutError):
        async with asyncio.timeout(5):
            await asyncio.gather(*others, return_exceptions=True)
