"""A Postfix of the test's own: STARTTLS, implicit TLS, SASL, a Maildir it delivers to; nothing of the system's is used.

It needs root, because that is how Postfix starts; every process but its master drops what it does not need.
"""

import pwd
import shutil
import socket
import subprocess
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final

import trustme

from kiosk.config import SmtpSettings
from tests.support.mail_server import HOST, PASSWORD, USER

UNKNOWN: Final = "nobody@example.jp"
"""The address it does not take."""
_START_S: Final = 60

_MAIN: Final = """
compatibility_level = 3.6
queue_directory = {place}/queue
data_directory = {place}/data
maillog_file_prefixes = {place}
maillog_file = {place}/log
mail_owner = postfix
setgid_group = postdrop
inet_interfaces = 127.0.0.1
inet_protocols = ipv4
myhostname = localhost
mydestination =
local_recipient_maps =
alias_maps =
virtual_mailbox_domains = example.jp
virtual_mailbox_base = {place}/mail
virtual_mailbox_maps = static:inbox/
virtual_minimum_uid = 1
virtual_uid_maps = static:{uid}
virtual_gid_maps = static:{gid}
smtpd_tls_chain_files = {place}/server.pem
smtpd_tls_security_level = encrypt
smtpd_tls_auth_only = yes
smtpd_sasl_auth_enable = yes
smtpd_sasl_type = cyrus
smtpd_sasl_path = smtpd
cyrus_sasl_config_path = {place}/sasl
smtpd_sasl_local_domain = test
smtpd_relay_restrictions = permit_sasl_authenticated, reject
smtpd_recipient_restrictions =
    check_recipient_access inline:{{ {{ {unknown} = 550 5.1.1 unknown }} }}, permit_sasl_authenticated, reject
"""
_MASTER: Final = """
127.0.0.1:{starttls} inet n - n - - smtpd
127.0.0.1:{implicit} inet n - n - - smtpd -o smtpd_tls_wrappermode=yes
cleanup unix n - n - 0 cleanup
qmgr unix n - n 300 1 qmgr
tlsmgr unix - - n 1000? 1 tlsmgr
rewrite unix - - n - - trivial-rewrite
bounce unix - - n - 0 bounce
defer unix - - n - 0 bounce
trace unix - - n - 0 bounce
verify unix - - n - 1 verify
proxymap unix - - n - - proxymap
virtual unix - n n - - virtual
error unix - - n - - error
retry unix - - n - - error
anvil unix - - n - 1 anvil
postlog unix-dgram n - n - 1 postlogd
"""
_SASL: Final = """
pwcheck_method: auxprop
auxprop_plugin: sasldb
mech_list: PLAIN LOGIN
sasldb_path: {place}/sasl/sasldb2
"""


@dataclass(frozen=True)
class Postfix:
    """A running one."""

    place: Path
    ca: trustme.CA
    ports: dict[str, int]
    """By the kind of TLS."""

    def settings(self, folder: Path, tls: str, **other: Any) -> SmtpSettings:
        """How to reach it; the CA and the password are written into `folder`."""
        ca_file, password_file = folder / "mail-ca.pem", folder / "smtp-password"
        self.ca.cert_pem.write_to_path(str(ca_file))
        password_file.write_text(PASSWORD + "\n", encoding="utf-8")
        password_file.chmod(0o600)
        reach = {"host": HOST, "port": self.ports[tls], "tls": tls, "ca_file": ca_file}
        return SmtpSettings.model_validate({**reach, "user": USER, "password_file": password_file, **other})

    def delivered(self, letters: int) -> list[bytes]:
        """What lies in the mailbox, once there are so many letters."""
        new = self.place / "mail" / "inbox" / "new"
        for _ in range(300):
            found = sorted(new.iterdir()) if new.is_dir() else []
            if len(found) >= letters:
                return [file.read_bytes() for file in found]
            time.sleep(0.1)
        raise AssertionError((self.place / "log").read_text(encoding="utf-8", errors="replace")[-3_000:])


@contextmanager
def a_postfix() -> Iterator[Postfix]:
    """Start one and stop it at the end of the block."""
    place = Path(tempfile.mkdtemp(prefix="madoguchi-postfix-"))
    place.chmod(0o755)
    ca = trustme.CA()
    ports = {"starttls": _free_port(), "implicit": _free_port()}
    _prepare(place, ca, ports)
    process = subprocess.Popen(
        ["postfix", "-c", place, "start-fg"], stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL
    )
    try:
        _wait_until_it_answers(ports.values(), place / "log")
        yield Postfix(place, ca, ports)
    finally:
        # its master runs in a session of its own and does not end with the command that started it
        subprocess.run(["postfix", "-c", place, "stop"], check=False, capture_output=True)
        process.wait(timeout=_START_S)
        shutil.rmtree(place, ignore_errors=True)


def _prepare(place: Path, ca: trustme.CA, ports: dict[str, int]) -> None:
    account = pwd.getpwnam("postfix")
    for name in ("queue", "data", "mail", "sasl"):
        (place / name).mkdir(mode=0o755)
    for name in ("data", "mail"):
        shutil.chown(place / name, "postfix", "postfix")
    words = {"place": place, "uid": account.pw_uid, "gid": account.pw_gid, "unknown": UNKNOWN, **ports}
    (place / "main.cf").write_text(_MAIN.format(**words), encoding="ascii")
    (place / "master.cf").write_text(_MASTER.format(**words), encoding="ascii")
    (place / "sasl" / "smtpd.conf").write_text(_SASL.format(**words), encoding="ascii")
    ca.issue_cert(HOST).private_key_and_cert_chain_pem.write_to_path(str(place / "server.pem"))
    subprocess.run(
        ["saslpasswd2", "-p", "-c", "-f", place / "sasl" / "sasldb2", "-u", "test", USER],
        input=PASSWORD.encode(),
        check=True,
    )
    shutil.chown(place / "sasl" / "sasldb2", "postfix", "postfix")


def _free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


def _wait_until_it_answers(ports: Any, log: Path) -> None:
    for port in ports:
        for _ in range(_START_S * 10):
            with socket.socket() as probe:
                if probe.connect_ex(("127.0.0.1", port)) == 0:
                    break
            time.sleep(0.1)
        else:
            told = log.read_text(encoding="utf-8", errors="replace") if log.exists() else "no log"
            raise AssertionError(f"Postfix does not answer: {told[-3_000:]}")
