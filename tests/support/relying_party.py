"""A real web server that asks for our certificates, set up by a recipe of docs/RELYING-PARTY.md and by nothing else."""

import re
import shlex
import socket
import ssl
import subprocess
import time
from abc import abstractmethod
from collections.abc import Callable, Iterator, Mapping
from contextlib import AbstractContextManager, contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import ClassVar, Final

import trustme
from cryptography.hazmat.primitives.serialization import Encoding, NoEncryption, PrivateFormat
from cryptography.hazmat.primitives.serialization.pkcs12 import load_pkcs12

DOCUMENT: Final = Path(__file__).parents[2] / "docs/RELYING-PARTY.md"
CA_THERE: Final = "/etc/madoguchi/ca.crt"
LIST_THERE: Final = "/srv/madoguchi/crl/crl.pem"
"""Where the recipe says the files lie."""

TLS_1_2: Final = ("--tlsv1.2", "--tls-max", "1.2")
TLS_1_3: Final = ("--tlsv1.3",)
VERSIONS: Final = {"TLS 1.2": TLS_1_2, "TLS 1.3": TLS_1_3}
REFUSED: Final = "400"
"""What nginx answers a revoked bearer; Apache breaks the line with an alert."""
_ALERT: Final = "alert certificate revoked"

_AROUND = """
daemon off;
user root;
worker_processes 1;
pid {home}/nginx.pid;
error_log {home}/error.log info;
events {{ worker_connections 64; }}
http {{
    access_log off;
    client_body_temp_path {home}/body;
    proxy_temp_path {home}/proxy;
    fastcgi_temp_path {home}/fastcgi;
    uwsgi_temp_path {home}/uwsgi;
    scgi_temp_path {home}/scgi;
    server {{
        listen 127.0.0.1:{port} ssl;
        ssl_certificate {home}/server.crt;
        ssl_certificate_key {home}/server.key;
{recipe}
        location / {{ return 200 "$ssl_client_s_dn $ssl_client_serial $ssl_protocol"; }}
    }}
}}
"""
"""What every nginx has; whom it lets in is decided by the recipe."""


def block_of(heading: str, language: str) -> str:
    """The first block of this language below a heading of the document."""
    section = DOCUMENT.read_text("utf-8").split(f"\n## {heading}\n", 1)[1].split("\n## ", 1)[0]
    found = re.search(rf"^```{language}\n(.*?)^```$", section, re.DOTALL | re.MULTILINE)
    assert found is not None, f"no {language} block below {heading}"
    return found.group(1)


@dataclass(frozen=True)
class Bearer:
    """Somebody with a p12."""

    p12: Path
    password: str


class WebServer:
    """Listens from the beginning until `close`; `home` is its folder, which holds nothing else."""

    NAME: ClassVar[str]
    """The heading of its recipe, in small letters the language of its block."""
    TICKET_KEY: ClassVar[int]
    """Octets of a file with a key for tickets."""

    def __init__(self, home: Path, *, ca: Path, crl: Path, instead: Mapping[str, str] | None = None) -> None:
        """`ca` and `crl` are the PEM files; `instead` replaces settings of the recipe by wrong ones."""
        self.home = home
        home.mkdir(parents=True, exist_ok=True)
        authority = trustme.CA()
        server = authority.issue_cert("localhost", "127.0.0.1")
        server.private_key_pem.write_to_path(home / "server.key")
        server.cert_chain_pems[0].write_to_path(home / "server.crt")
        authority.cert_pem.write_to_path(home / "server-ca.crt")
        with socket.socket() as probe:
            probe.bind(("127.0.0.1", 0))
            self.port = int(probe.getsockname()[1])
        recipe = (
            block_of(self.NAME, self.NAME.lower()).replace(CA_THERE, str(ca)).replace(LIST_THERE, str(crl))
        )
        for right, wrong in (instead or {}).items():
            recipe, changed = re.subn(rf"^{right} .*$", wrong, recipe, flags=re.MULTILINE)
            assert changed == 1, f"the recipe has no {right}"
        self.configuration = home / "server.conf"
        self.configuration.write_text(self.around(recipe))
        self.process = subprocess.Popen(self.foreground(), stderr=subprocess.DEVNULL)
        wait_until(self._listens)

    # --- what each server does in its own way ------------------------------------------------------------------------

    @abstractmethod
    def around(self, recipe: str) -> str:
        """The configuration that every server has, with the recipe in it: who is let in is decided there."""

    @abstractmethod
    def foreground(self) -> list[str | Path]:
        """The command that serves until it is ended."""

    @abstractmethod
    def ours(self, script: str) -> str:
        """A script of the recipe, for this server instead of the one of the machine."""

    @abstractmethod
    def reloading(self) -> AbstractContextManager[None]:
        """Waits at the end of its block until nobody is served any more by who was there before."""

    # --- what is the same for all ------------------------------------------------------------------------------------

    @property
    def hook(self) -> tuple[str, ...]:
        """The command of the recipe that makes this server read a new list, as the counter runs it."""
        script = self.home / "after-publishing"
        script.write_text("#!/bin/sh\nset -e\n" + self.ours(block_of(self.NAME, "sh")))
        script.chmod(0o755)
        return (str(script),)

    def reload(self) -> None:
        """Read the list again, and serve nobody any more who came before."""
        with self.reloading():
            subprocess.run(self.hook, check=True, stderr=subprocess.DEVNULL)

    def log(self) -> str:
        """What it wrote down."""
        path = self.home / "error.log"
        return path.read_text(errors="replace") if path.exists() else ""

    def answer(self, bearer: Bearer | None, *options: str) -> str:
        """The page a browser with this certificate gets, or `REFUSED`, or the number of another refusal."""
        settings = [
            f'url = "https://localhost:{self.port}/"',
            f'cacert = "{self.home}/server-ca.crt"',
            "silent",
            "show-error",
            'noproxy = "*"',
            'write-out = "\\n%{http_code}"',
            "ipv4",
        ]
        if bearer is not None:
            settings += ['cert-type = "P12"', f'cert = "{bearer.p12}:{bearer.password}"']
        ran = subprocess.run(
            ["curl", "--disable", "--config", "-", *options],
            input="\n".join(settings),
            capture_output=True,
            text=True,
            timeout=30,
            check=False,
        )
        if _ALERT in ran.stderr:
            return REFUSED
        assert ran.returncode == 0, ran.stderr
        page, _, number = ran.stdout.rpartition("\n")
        return page if number == "200" else number

    def browser(self, bearer: Bearer, version: ssl.TLSVersion) -> "Browser":
        """A browser that resumes its session wherever the server lets it."""
        return Browser(self, bearer, version)

    def close(self) -> None:
        """End it."""
        self.process.terminate()
        self.process.wait(10)

    def _listens(self) -> bool:
        assert self.process.poll() is None, self.log()
        with socket.socket() as probe:
            return probe.connect_ex(("127.0.0.1", self.port)) == 0


class Nginx(WebServer):
    """Answers a revoked bearer with a page, number 400."""

    NAME = "nginx"
    TICKET_KEY = 80

    def around(self, recipe: str) -> str:
        """As small as it gets."""
        return _AROUND.format(home=self.home, port=self.port, recipe=recipe)

    def foreground(self) -> list[str | Path]:
        """With nothing of the machine's own."""
        return ["nginx", "-p", f"{self.home}/", "-c", self.configuration, "-e", self.home / "error.log"]

    def ours(self, script: str) -> str:
        """Both commands of it."""
        options = f"-p {shlex.quote(f'{self.home}/')} -c {shlex.quote(str(self.configuration))}"
        return re.sub(r"\bnginx\b", f"nginx {options}", script)

    @contextmanager
    def reloading(self) -> Iterator[None]:
        """The log tells when the workers from before have ended."""
        before = self._ended()
        yield
        wait_until(lambda: self._ended() > before)

    def _ended(self) -> int:
        return self.log().count("gracefully shutting down")


class Browser:
    """Keeps the session of its last visit."""

    def __init__(self, server: WebServer, bearer: Bearer, version: ssl.TLSVersion) -> None:
        self._port = server.port
        self._context = ssl.create_default_context(cafile=str(server.home / "server-ca.crt"))
        self._context.minimum_version = self._context.maximum_version = version
        bundle = load_pkcs12(bearer.p12.read_bytes(), bearer.password.encode())
        assert bundle.key is not None
        assert bundle.cert is not None
        pem = server.home / f"{bearer.p12.stem}.pem"
        pem.write_bytes(
            bundle.key.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption())
            + bundle.cert.certificate.public_bytes(Encoding.PEM)
        )
        self._context.load_cert_chain(pem)
        self._session: ssl.SSLSession | None = None
        self.resumed = False
        """Whether the last visit went on with the session of the one before."""

    def visits(self) -> str:
        """The page, or `REFUSED`, or the number of another refusal."""
        try:
            return self._visit()
        except ssl.SSLError as alert:
            if "ALERT_CERTIFICATE_REVOKED" not in alert.reason:
                raise
            return REFUSED

    @contextmanager
    def staying(self) -> Iterator[Callable[[], str]]:
        """A connection that is kept; each call asks for the page once more, empty when the server has ended it."""
        with (
            socket.create_connection(("127.0.0.1", self._port), timeout=10) as plain,
            self._context.wrap_socket(plain, server_hostname="localhost") as line,
        ):

            def asks() -> str:
                try:
                    line.sendall(b"GET / HTTP/1.1\r\nHost: localhost\r\n\r\n")
                    return line.recv(4096).decode("utf-8", errors="replace")
                except OSError:
                    return ""

            yield asks

    def _visit(self) -> str:
        with (
            socket.create_connection(("127.0.0.1", self._port), timeout=10) as plain,
            self._context.wrap_socket(plain, server_hostname="localhost", session=self._session) as line,
        ):
            line.sendall(b"GET / HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n\r\n")
            answer = b""
            while more := line.recv(4096):
                answer += more
            self.resumed = bool(line.session_reused)
            self._session = line.session
        head, _, page = answer.decode("utf-8").partition("\r\n\r\n")
        number = head.split(" ")[1]
        return page if number == "200" else number


def wait_until(true: Callable[[], bool], seconds: float = 20.0) -> None:
    """Wait for something that another process does."""
    deadline = time.monotonic() + seconds
    while not true():
        assert time.monotonic() < deadline, "waited in vain"
        time.sleep(0.02)
