"""The mail catcher as a process of its own, spoken to with plain SMTP."""

from __future__ import annotations

import os
import signal
import smtplib
import socket
import subprocess
import sys
import time
from collections.abc import Iterator
from email.message import EmailMessage
from pathlib import Path

import pytest

import config
from crm.mail import caught
from launcher import ports

ROOT = Path(config.__file__).parent


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    return tmp_path / "caught"


@pytest.fixture
def catcher(tmp_path: Path, folder: Path) -> Iterator[tuple[subprocess.Popen[str], int]]:
    port = ports.free()
    env = {**os.environ, "VAR_DIR": str(tmp_path), "MAIL_CATCHER_DIR": str(folder), "DEMARCHE_ENV": "testing"}
    command = [sys.executable, "-m", "flask", "--app", "wsgi", "mail", "catch", "--port", str(port)]
    process = subprocess.Popen(command, cwd=ROOT, env=env, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True)
    try:
        _wait_for(port, process)
        yield process, port
    finally:
        process.kill()
        process.communicate()


def _wait_for(port: int, process: subprocess.Popen[str]) -> None:
    end = time.monotonic() + 30
    while time.monotonic() < end and process.poll() is None:
        with socket.socket() as probe:
            if probe.connect_ex(("127.0.0.1", port)) == 0:
                return
        time.sleep(0.05)
    raise AssertionError(process.stdout.read() if process.stdout else "no catcher")


def _message(subject: str) -> EmailMessage:
    message = EmailMessage()
    message["From"], message["To"], message["Subject"] = "a@example.org", "Owner@example.org", subject
    message.set_content("Good morning.\n.\nTill then.\n")
    return message


def test_it_keeps_what_it_gets_and_ends_when_told(catcher: tuple[subprocess.Popen[str], int], folder: Path) -> None:
    process, port = catcher
    with smtplib.SMTP("127.0.0.1", port, "test", timeout=10) as client:
        client.send_message(_message("first"))
        client.send_message(_message("second"), to_addrs=["owner@example.org", "other@example.org"])
    mine = caught.addressed_to(folder, "owner@example.org")
    assert [one.subject for one in mine] == ["second", "first"]
    assert mine[0].text == "Good morning.\n.\nTill then.\n"
    assert [one.subject for one in caught.addressed_to(folder, "other@example.org")] == ["second"]
    assert caught.addressed_to(folder, "nobody@example.org") == []
    files = list(folder.iterdir())
    assert len(files) == 3
    assert {one.suffix for one in files} == {".eml"}
    assert {one.stat().st_mode & 0o077 for one in files} == {0}
    process.send_signal(signal.SIGTERM)
    assert process.wait(10) == 0


def test_it_listens_on_this_machine_alone(catcher: tuple[subprocess.Popen[str], int]) -> None:
    _, port = catcher
    lines = Path("/proc/net/tcp").read_text().splitlines()[1:] + Path("/proc/net/tcp6").read_text().splitlines()[1:]
    listening = [line.split()[1] for line in lines if line.split()[3] == "0A"]
    assert [one for one in listening if one.endswith(f":{port:04X}")] == [f"0100007F:{port:04X}"]


def test_a_folder_that_cannot_be_written_is_said_so(catcher: tuple[subprocess.Popen[str], int], folder: Path) -> None:
    _, port = catcher
    folder.rmdir()
    folder.write_text("a file where the folder was")
    with (
        smtplib.SMTP("127.0.0.1", port, "test", timeout=10) as client,
        pytest.raises(smtplib.SMTPDataError) as refused,
    ):
        client.send_message(_message("lost?"))
    assert refused.value.smtp_code == 452


def test_without_a_folder_it_does_not_start(tmp_path: Path) -> None:
    env = {**os.environ, "VAR_DIR": str(tmp_path), "DEMARCHE_ENV": "testing"}
    env.pop("MAIL_CATCHER_DIR", None)
    command = [sys.executable, "-m", "flask", "--app", "wsgi", "mail", "catch", "--port", "2525"]
    done = subprocess.run(command, cwd=ROOT, env=env, capture_output=True, text=True)
    assert done.returncode == 1
    assert "MAIL_CATCHER_DIR" in done.stderr
