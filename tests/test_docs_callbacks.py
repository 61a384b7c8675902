"""The receiver in docs/how-to/callbacks.md takes a callback, once, and no forged one."""

import re
import socket
import subprocess
import sys
import time
from pathlib import Path

from tests.jobs.test_hostile_callbacks import urls

from earnest.jobs.outbound import Fence, Sender
from earnest.jobs.webhooks import PAUSES_S, Caller, new_secret

PAGE = (Path(__file__).parents[1] / "docs/how-to/callbacks.md").read_text()


def test_the_python_receiver_works() -> None:
    [source] = re.findall(r"```python\n(.*?)```", PAGE, re.DOTALL)
    secret = new_secret()
    with socket.socket() as found:
        found.bind(("127.0.0.1", 0))
        address = f"127.0.0.1:{found.getsockname()[1]}"
    caller = Caller(Sender(Fence(address)))
    body = b'{"batchJobId": "j", "status": "completed", "results": {"items": [{}], "nextCursor": null}}'

    def post(signed_by: str) -> int | None:
        return caller.post(f"http://{address}/", message_id="msg_j", body=body, signed_by=[signed_by]).status

    environment = {"WEBHOOK_SECRET": secret, "PORT": address.rpartition(":")[2]}
    with subprocess.Popen(
        [sys.executable, "-c", source], env=environment, text=True, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL
    ) as receiver:
        deadline = time.monotonic() + 20
        while (status := post(new_secret())) is None and time.monotonic() < deadline:
            time.sleep(0.05)
        assert status == 401
        assert [post(secret), post(secret)] == [204, 204]
        receiver.kill()
        assert receiver.stdout is not None
        assert receiver.stdout.read() == "j completed 1\n"


def test_the_count_of_hostile_urls_is_the_tests() -> None:
    assert f"tries {len(urls('127.0.0.1:9'))} hostile URLs" in PAGE


def test_the_schedule_is_the_codes() -> None:
    assert list(PAUSES_S) == [5, 5 * 60, 30 * 60, *(hours * 3_600 for hours in (2, 5, 10, 14))]
    assert "5 seconds, 5 minutes, 30 minutes, 2 hours, 5 hours, 10 hours and 14\nhours" in PAGE
