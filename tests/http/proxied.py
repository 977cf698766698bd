"""A real nginx with the shipped configuration, and a real web server behind it."""

import json
import os
import re
import shutil
import socket
import ssl
import subprocess
import sys
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from http.client import HTTPException, HTTPSConnection
from pathlib import Path
from urllib.parse import quote

from django.db import connection

from tests.kit.proxy import CERTIFICATE
from tests.management.sites import ROOT, free_port
from tests.waiting import PATIENCE_SECONDS, eventually

NGINX = shutil.which("nginx") or shutil.which("nginx", path="/usr/sbin")
HEADERS_MORE = Path("/usr/lib/nginx/modules/ngx_http_headers_more_filter_module.so")
HOST = "ratings.example.org"
# The block that a site with a bucket replaces, and its end.
CROPS = re.compile(r'^    location ~ "\^/crops/.*?^    }$', re.MULTILINE | re.DOTALL)
AROUND = """
{modules}
daemon off;
{user}
pid {folder}/nginx.pid;
error_log {folder}/error.log;
events {{ worker_connections 1024; }}
http {{
    access_log off;
    client_body_temp_path {folder}/body;
    proxy_temp_path {folder}/proxy;
    fastcgi_temp_path {folder}/fastcgi;
    uwsgi_temp_path {folder}/uwsgi;
    scgi_temp_path {folder}/scgi;
    include {folder}/ratings.conf;
}}
"""
# So long may an answer take while others are slow; a thread that is held would be for 30 s.
PROMPT_SECONDS = 20
INSECURE = ssl._create_unverified_context()


@dataclass(frozen=True)
class Answer:
    status: int
    headers: dict[str, str]
    body: bytes


@dataclass(frozen=True)
class Proxy:
    """nginx, and the port and data directory of the site behind it."""

    port: int
    behind: int
    data_dir: Path

    def ask(self, method: str, path: str, body: object = None, **headers: str) -> Answer:
        """Return the answer; status 0 where there is none."""
        asked = HTTPSConnection("127.0.0.1", self.port, context=INSECURE, timeout=PROMPT_SECONDS)
        sent = None if body is None else json.dumps(body)
        known = {"Host": HOST, "Content-Type": "application/json"} | headers
        try:
            asked.request(method, path, sent, {k.replace("_", "-"): v for k, v in known.items()})
            answer = asked.getresponse()
            return Answer(answer.status, dict(answer.headers), answer.read())
        except (OSError, HTTPException):
            return Answer(0, {}, b"")
        finally:
            asked.close()

    def begin_slowly(self, method: str, path: str) -> ssl.SSLSocket:
        """Send the head of a request, and one byte of a body that never comes."""
        plain = socket.create_connection(("127.0.0.1", self.port), timeout=PROMPT_SECONDS)
        line = INSECURE.wrap_socket(plain)
        line.sendall(
            f"{method} {path} HTTP/1.1\r\nHost: {HOST}\r\nContent-Type: application/json\r\n"
            "Content-Length: 60000\r\n\r\n{".encode()
        )
        return line


@contextmanager
def proxied(folder: Path, of_a_bucket: str = "") -> Iterator[Proxy]:
    """Run nginx with the shipped file; nobody is behind it yet.

    `of_a_bucket` is what stands in place of its block for crops.
    """
    proxy = Proxy(free_port(), free_port(), folder / "site")
    (proxy.data_dir / "static").mkdir(parents=True)
    _configure(folder, proxy, of_a_bucket)
    command = [str(NGINX), "-c", str(folder / "nginx.conf")]
    subprocess.run([*command, "-t", "-q"], check=True)
    with _running(command, folder / "nginx.log"):
        eventually(lambda: proxy.ask("GET", "/metrics").status == 404)
        yield proxy


@contextmanager
def site_behind(proxy: Proxy, folder: Path, **variables: str) -> Iterator[None]:
    """Run a web server of two processes behind it, with the test's database."""
    known = connection.get_connection_params()
    host = quote(known["host"], safe="")
    usual = {
        "DATABASE_URL": f"postgres://{known['user']}@{host}/{known['dbname']}",
        "RATINGS_DATA_DIR": str(proxy.data_dir),
        "RATINGS_HTTPS": "1",
        "RATINGS_HOSTS": HOST,
        "WEB_CONCURRENCY": "2",
    }
    command = [sys.executable, "-m", "gunicorn", "ratings.wsgi", f"--bind=127.0.0.1:{proxy.behind}"]
    with _running(command, folder / "gunicorn.log", usual | variables):
        eventually(lambda: proxy.ask("GET", "/readyz").status == 200)
        yield


def shipped(name: str, here: Mapping[str, str]) -> str:
    """Return a file of deploy/ with this machine's words in place of the shipped ones."""
    text = (ROOT / "deploy" / name).read_text()
    for ours, theirs in here.items():
        assert ours in text
        text = text.replace(ours, theirs)
    return text


@contextmanager
def _running(command: list[str], log: Path, variables: Mapping[str, str] = {}) -> Iterator[None]:
    with log.open("w") as file:
        process = subprocess.Popen(command, cwd=ROOT, env=os.environ | variables, stderr=file)
    try:
        yield
    finally:
        process.terminate()
        process.wait(PATIENCE_SECONDS)


def _configure(folder: Path, proxy: Proxy, of_a_bucket: str) -> None:
    """Write the shipped file with the names of this machine, as its head asks for."""
    pair = folder / "pair.pem"
    pair.write_text(CERTIFICATE)
    here = {
        "listen 443 ": f"listen 127.0.0.1:{proxy.port} ",
        "listen 80;": f"listen 127.0.0.1:{free_port()};",
        "/etc/ssl/certs/ratings.example.org.pem": str(pair),
        "/etc/ssl/private/ratings.example.org.key": str(pair),
        "/srv/ratings/var": str(proxy.data_dir),
        "server 127.0.0.1:8000": f"server 127.0.0.1:{proxy.behind}",
    }
    text = shipped("nginx.conf", here)
    if of_a_bucket:
        text, found = CROPS.subn(lambda _: of_a_bucket, text)
        assert found == 1
    (folder / "ratings.conf").write_text(text)
    around = AROUND.format(
        modules=f"load_module {HEADERS_MORE};" if of_a_bucket else "",
        user="user root;" if os.geteuid() == 0 else "",
        folder=folder,
    )
    (folder / "nginx.conf").write_text(around)
