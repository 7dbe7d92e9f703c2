"""The program on the page about the API reads the stream as the page says."""

from __future__ import annotations

import asyncio
import re
import sys
from pathlib import Path

import numpy as np
from page_frames import pictures
from snapshots import make_snapshot

from tenere.page import SENT
from tenere.schema import schema_data
from tenere.serve.app import make_app
from tenere.serve.delta import Chain
from tenere.serve.hub import Hub
from tenere.serve.run import serve
from tenere.serve.stepped import MISSING, stepped

PAGE = (Path(__file__).parents[3] / "docs/howto/read-the-api.md").read_text()
(PROGRAM,) = (code for code in re.findall(r"```python\n(.*?)```", PAGE, re.DOTALL) if "/api/stream" in code)


def test_it_follows_a_server(tmp_path):
    (tmp_path / "follow.py").write_text(PROGRAM)

    async def go():
        hub = Hub()
        hub.publish(make_snapshot())
        told: asyncio.Future[str] = asyncio.get_running_loop().create_future()
        server = asyncio.create_task(serve(make_app(hub, None), "127.0.0.1", 0, told.set_result))
        host = (await told).split("/")[2]
        program = await asyncio.create_subprocess_exec(sys.executable, str(tmp_path / "follow.py"), host, stdout=asyncio.subprocess.PIPE)
        lines = []
        for k in range(3):
            line = await asyncio.wait_for(program.stdout.readline(), 60)
            lines.append(line.decode().split())
            hub.publish(make_snapshot(1001.0 + k))
        program.kill()
        await program.wait()
        server.cancel()
        await asyncio.gather(server, return_exceptions=True)
        return lines

    assert asyncio.run(go()) == [["4", "UNO123", "[13.5]", "[2.1]"]] * 3


def test_it_reads_every_column_of_any_keyframe():
    space: dict = {"__name__": "program"}
    exec(PROGRAM, space)
    for seed in range(6):
        ((_, batches),) = pictures(seed, 1, 80)
        chain = Chain()
        chain.advance(stepped(*batches), 1, 1000.0, 0.0)
        found = space["columns"](chain.keyframe(), schema_data()["sent"])
        for c in SENT:
            wanted = chain.picture.of(c.name)
            if c.dtype.kind == "S":
                assert found[c.name] == {row: text.decode() for row, text in enumerate(wanted.tolist()) if text}, c.name
            else:
                values = np.where(wanted == MISSING, np.nan, wanted * (c.step or 1.0))
                np.testing.assert_array_equal(found[c.name], values, c.name)
