"""A real Apache that asks for our certificates; see `relying_party`."""

import re
import shlex
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Final

from tests.support.relying_party import WebServer, wait_until

MODULES: Final = Path("/usr/lib/apache2/modules")
_LOADED: Final = ("mpm_event", "authz_core", "rewrite", "socache_shmcb", "ssl")

_AROUND: Final = """
ServerRoot {home}
DefaultRuntimeDir {home}
PidFile {home}/apache.pid
ErrorLog {home}/error.log
LogLevel info
ServerName localhost
User www-data
Group www-data
{modules}
StartServers 1
ServerLimit 2
ThreadsPerChild 8
MaxRequestWorkers 16
Listen 127.0.0.1:{port}
SSLEngine on
SSLCertificateFile {home}/server.crt
SSLCertificateKeyFile {home}/server.key
{recipe}
RewriteEngine on
RewriteRule ^ - [R=200,L]
ErrorDocument 200 "%{{SSL_CLIENT_S_DN}} %{{SSL_CLIENT_M_SERIAL}} %{{SSL_PROTOCOL}}"
"""


class Apache(WebServer):
    """Breaks the line to a revoked bearer with an alert."""

    NAME = "Apache"
    TICKET_KEY = 48

    def around(self, recipe: str) -> str:
        """As small as it gets; the page is made without a file, which the user of the workers could not read here."""
        modules = "\n".join(f"LoadModule {name}_module {MODULES}/mod_{name}.so" for name in _LOADED)
        return _AROUND.format(home=self.home, port=self.port, recipe=recipe, modules=modules)

    def foreground(self) -> list[str | Path]:
        """With nothing of the machine's own."""
        return ["apache2", "-D", "FOREGROUND", "-f", self.configuration]

    def ours(self, script: str) -> str:
        """`apachectl` hands both of its words on to the program itself."""
        program = f"apache2 -f {shlex.quote(str(self.configuration))}"
        script = re.sub(r"\bapachectl graceful\b", f"{program} -k graceful", script)
        return re.sub(r"\bapachectl\b", program, script)

    @contextmanager
    def reloading(self) -> Iterator[None]:
        """None of the workers from before is left, and a new one is there."""
        before = self._workers()
        yield
        wait_until(lambda: bool(self._workers()) and not self._workers() & before)
        wait_until(self._listens)

    def _workers(self) -> set[str]:
        children = Path(f"/proc/{self.process.pid}/task/{self.process.pid}/children")
        return set(children.read_text().split())
