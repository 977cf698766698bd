"""The fleet: proxy, two web servers, two workers, pooler, database and store, with one study."""

import asyncio
import os
import re
import secrets
import shutil
import subprocess
import sys
import time
from dataclasses import dataclass, field
from pathlib import Path

from tests import object_store
from tests.fleet.hosts import Host, Service, lay_bridge, run

ROOT = Path(__file__).resolve().parents[2]
NAME = "ratings.example.org"
STUDY = "fleet"
# Sizes of the disks, small enough to be filled.
DISK_BYTES = {"database": 3 << 30, "objects": 256 << 20, "data": 256 << 20}
STORE_PORT = 9000
DEBIANS = Path("/usr/lib/postgresql")
AS_POSTGRES = ["setpriv", "--reuid=postgres", "--regid=postgres", "--clear-groups"]
ALIVE_SECONDS = 15.0
FILL = f"""
import django
django.setup()
from tests.comparisons.builders import build_filled_study
build_filled_study(methods=6, pictures=60, slug="{STUDY}", is_open=True, trials_per_rater=800)
"""
NGINX = """
daemon off;
user root;
worker_processes 1;
pid {folder}/nginx.pid;
error_log {folder}/nginx.log;
events {{ worker_connections 8192; }}
worker_rlimit_nofile 16384;
http {{
    access_log off;
    client_body_temp_path {folder}/body;
    proxy_temp_path {folder}/proxied;
    fastcgi_temp_path {folder}/fastcgi;
    uwsgi_temp_path {folder}/uwsgi;
    scgi_temp_path {folder}/scgi;
    include {folder}/site.conf;
}}
"""


@dataclass
class Fleet:
    """All hosts, with their files under one folder; `tree` is the checkout that they run."""

    folder: Path
    tree: Path
    programs: Path  # of Postgres
    hosts: dict[str, Host] = field(default_factory=dict)
    tasks: list[asyncio.Task[None]] = field(default_factory=list)

    @property
    def web(self) -> list[Host]:
        return [self.hosts["web1"], self.hosts["web2"]]

    @property
    def workers(self) -> list[Host]:
        return [self.hosts["work1"], self.hosts["work2"]]

    def disk(self, name: str) -> Path:
        """Return where a disk of DISK_BYTES is mounted."""
        return self.folder / name

    def environment(self, host: str) -> dict[str, str]:
        """Return what a host's processes of the site are told; it has a folder of its own."""
        store = f"http://{self.hosts['store'].address}:{STORE_PORT}"
        return os.environ | {
            "DATABASE_URL": f"postgres://ratings@{self.hosts['pooler'].address}:6432/ratings",
            "RATINGS_DATA_DIR": str(self.disk("data") / host),
            "RATINGS_FILES_URL": f"s3://{object_store.BUCKET}?endpoint_url={store}",
            "AWS_ACCESS_KEY_ID": object_store.KEYS.access_key_id,
            "AWS_SECRET_ACCESS_KEY": object_store.KEYS.secret_access_key,
            "RATINGS_SECRET_KEY": self._secret,
            "RATINGS_HOSTS": NAME,
            "RATINGS_HTTPS": "1",
            "RATINGS_LOG_JSON": "1",
            "DJANGO_SETTINGS_MODULE": "ratings.settings",
            "OPENBLAS_NUM_THREADS": "1",
            "WEB_CONCURRENCY": "2",
        }

    def __post_init__(self) -> None:
        self._secret = secrets.token_urlsafe(64)
        numbers = {"proxy": 2, "pooler": 3, "database": 4, "store": 5, "web1": 11, "web2": 12}
        for name, number in (numbers | {"work1": 21, "work2": 22}).items():
            self.hosts[name] = Host(name, number)

    def lay(self) -> None:
        """Make disks, cables, and what the programs are configured by."""
        lay_bridge()
        for host in self.hosts.values():
            host.plug_in()
        for name, size in DISK_BYTES.items():
            self.disk(name).mkdir()
            run("mount", "-t", "tmpfs", "-o", f"size={size}", "none", self.disk(name))
        self._lay_database()
        self._lay_pooler()
        self._lay_store()
        self._lay_proxy()

    def _lay_database(self) -> None:
        cluster = self.disk("database") / "cluster"
        shutil.chown(cluster.parent, "postgres")
        usual = ["--username=ratings", "--auth=trust", "--locale=C.UTF-8", "--encoding=UTF8"]
        run(*AS_POSTGRES, self.programs / "initdb", f"--pgdata={cluster}", *usual)
        with (cluster / "pg_hba.conf").open("a") as file:
            file.write("host all all 10.77.0.0/16 trust\n")
        settings = {
            "listen_addresses": "*",
            "unix_socket_directories": cluster.parent,
            "max_connections": 60,
            # As docs/operating.md asks for behind a pooler.
            "statement_timeout": "60s",
            "tcp_keepalives_idle": 10,
            "tcp_keepalives_interval": 5,
            "tcp_keepalives_count": 3,
            "tcp_user_timeout": "25s",
        }
        options = [word for name, value in settings.items() for word in ("-c", f"{name}={value}")]
        postgres = [*AS_POSTGRES, str(self.programs / "postgres"), "-D", str(cluster), *options]
        self._add("database", postgres, dict(os.environ))

    def _lay_pooler(self) -> None:
        text = (ROOT / "deploy" / "pgbouncer.ini").read_text()
        text = text.replace("db.example.org", f"{self.hosts['database'].address} user=ratings")
        text = re.sub("auth_type = .*\nauth_file = .*", "auth_type = any\nunix_socket_dir =", text)
        file = self.folder / "pgbouncer.ini"
        file.write_text(text)
        pgbouncer = shutil.which("pgbouncer", path=f"{os.environ['PATH']}:/usr/sbin") or "pgbouncer"
        self._add("pooler", [*AS_POSTGRES, pgbouncer, str(file)], dict(os.environ))

    def _lay_store(self) -> None:
        command, environment = object_store.prepare(self.disk("objects"), f"0.0.0.0:{STORE_PORT}")
        self._add("store", command, os.environ | environment)

    def _lay_proxy(self) -> None:
        text = (ROOT / "deploy" / "nginx.conf").read_text()
        servers = [f"server {host.address}:8000 max_fails=3 fail_timeout=2s;" for host in self.web]
        text = re.sub(r"server 127\.0\.0\.1:8000[^;]*;", " ".join(servers), text)
        text = text.replace("/srv/ratings/var", str(self.disk("data") / "proxy"))
        for kind, end in (("certs", "pem"), ("private", "key")):
            text = text.replace(f"/etc/ssl/{kind}/{NAME}.{end}", f"{self.folder}/tls.{end}")
        make = f"openssl req -x509 -newkey rsa:2048 -nodes -days 2 -subj /CN={NAME}"
        keys = f"-keyout {self.folder}/tls.key -out {self.folder}/tls.pem"
        words = f"{make} {keys}".split()
        subprocess.run(words, check=True, stderr=subprocess.DEVNULL)
        (self.folder / "site.conf").write_text(text)
        (self.folder / "nginx.conf").write_text(NGINX.format(folder=self.folder))
        nginx = shutil.which("nginx", path=f"{os.environ['PATH']}:/usr/sbin") or "nginx"
        command = [nginx, "-c", str(self.folder / "nginx.conf"), "-e", str(self.folder / "e.log")]
        self._add("proxy", command, dict(os.environ))

    def _add(
        self,
        host: str,
        command: list[str],
        environment: dict[str, str],
        alive: Path | None = None,
    ) -> None:
        log = self.folder / f"{host}.log"
        service = Service(self.hosts[host], command, self.tree, environment, log, alive)
        self.hosts[host].services.append(service)

    def start(self, *names: str) -> None:
        """Let the services of hosts run from now on."""
        for name in names:
            for service in self.hosts[name].services:
                self.tasks.append(asyncio.create_task(service.keep()))

    async def open_site(self) -> None:
        """Start all, with the tables and a study of six methods on sixty pictures."""
        self.start("database", "pooler", "store", "proxy")
        until = time.monotonic() + 60
        createdb = f"{self.programs}/createdb -h {self.disk('database')} -U ratings ratings"
        while not await self._succeeds(*createdb.split()):
            assert time.monotonic() < until, "the database did not start"
            await asyncio.sleep(0.2)
        await self.migrate()
        await self.python("-c", FILL)
        for host in self.web:
            command = [sys.executable, "-m", "gunicorn", "ratings.wsgi", "--bind=0.0.0.0:8000"]
            self._add(host.name, command, self.environment(host.name))
        for host in self.workers:
            alive = self.folder / f"{host.name}.alive"
            command = [sys.executable, "manage.py", "work", f"--alive={alive}"]
            self._add(host.name, command, self.environment(host.name), alive)
        self.start("web1", "web2", "work1", "work2")

    async def migrate(self) -> None:
        """Bring the tables, and the static files of each web server and the proxy, to `tree`."""
        await self.manage("migrate", "-v0")
        for host in ("proxy", "web1", "web2"):
            await self.python("manage.py", "collectstatic", "--noinput", "-v0", host=host)

    async def manage(self, *words: str) -> str:
        """Run one of the site's commands on the first web server; return what it prints."""
        return await self.python("manage.py", *words)

    async def python(self, *words: str, host: str = "web1") -> str:
        """Run a program of the site on a host. Raises RuntimeError with what it says."""
        inside = ["nsenter", f"--net=/run/netns/{host}", "--", sys.executable, *words]
        pipe = asyncio.subprocess.PIPE
        process = await asyncio.create_subprocess_exec(
            *inside, cwd=self.tree, env=self.environment(host), stdout=pipe, stderr=pipe
        )
        out, said = await process.communicate()
        if process.returncode:
            raise RuntimeError(f"{words[:2]}: {out.decode()}{said.decode()}")
        return out.decode()

    async def _succeeds(self, *words: str) -> bool:
        null = asyncio.subprocess.DEVNULL
        process = await asyncio.create_subprocess_exec(
            *words, cwd=self.folder, stdout=null, stderr=null
        )
        return await process.wait() == 0

    async def is_well(self) -> bool:
        """Tell whether each web server is ready, and each worker takes jobs."""
        ready = await asyncio.gather(*(_is_ready(host.address) for host in self.web))
        return all(ready) and all(self._works(host) for host in self.workers)

    def _works(self, host: Host) -> bool:
        (worker,) = host.services
        assert worker.alive
        try:
            fresh = time.time() - worker.alive.stat().st_mtime < ALIVE_SECONDS
            return fresh and worker.alive.read_text() == "working\n"
        except FileNotFoundError:
            return False

    async def stop(self) -> None:
        """End all, and let go of the disks."""
        for task in self.tasks:
            task.cancel()
        await asyncio.gather(*self.tasks, return_exceptions=True)
        for host in self.hosts.values():
            host.kill()
            for service in host.services:
                if service.process:
                    await service.process.wait()
        for name in DISK_BYTES:
            run("umount", "--lazy", self.disk(name))


async def _is_ready(address: str) -> bool:
    try:
        async with asyncio.timeout(3):
            reader, writer = await asyncio.open_connection(address, 8000)
            writer.write(b"GET /readyz HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n")
            line = await reader.readline()
            writer.close()
            return b" 200 " in line
    except (OSError, TimeoutError):
        return False


def programs_of_postgres() -> Path:
    """Return where Debian's newest Postgres has its programs. Raises SystemExit without one."""
    found = sorted(DEBIANS.glob("*/bin"), key=lambda path: float(path.parent.name))
    if not found:
        sys.exit("A fleet needs Debian's package postgresql.")
    return found[-1]
