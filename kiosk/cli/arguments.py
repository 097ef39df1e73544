"""What may be typed after `kiosk`. Secrets are never arguments: they are asked for, or read from a file."""

import argparse
import os
from collections.abc import Sequence
from pathlib import Path
from typing import Final

from kiosk import __version__

SETTINGS: Final = Path("/etc/madoguchi/kiosk.toml")
PRACTICE_FOLDER: Final = Path(".madoguchi-training")

LANGUAGES: Final = ("ja", "en")
ROLES: Final = ("clerk", "supervisor", "auditor", "administrator")


class Arguments(argparse.Namespace):
    """The parsed command line."""

    command: str
    """`terminal`, `demo`, or a command such as `users add`."""
    settings: Path
    json: bool
    language: str | None
    data: Path
    reset: bool
    file: Path
    sticks: str
    """Of the practice counter: `folder` or `usb`."""


def parsed(argv: Sequence[str]) -> Arguments:
    """Read the command line; help, version and usage errors end the process (0 or 2)."""
    arguments = _parser().parse_args(argv, namespace=Arguments())
    arguments.command = " ".join(
        word for word in (arguments.command or "terminal", getattr(arguments, "action", None)) if word
    )
    return arguments


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(
        prog="kiosk",
        description="The terminal at a labor bank's certificate counter. Without a command the terminal opens.",
        epilog="Exit codes: 0 done, 1 refused, 2 wrong usage, 3 something was found, 70 internal error.",
    )
    parser.add_argument("--version", action="version", version=f"%(prog)s {__version__}")
    parser.add_argument(
        "--settings",
        type=Path,
        default=Path(os.environ.get("MADOGUCHI_SETTINGS", SETTINGS)),
        metavar="FILE",
        help=f"settings file (default: $MADOGUCHI_SETTINGS, else {SETTINGS})",
    )
    parser.add_argument("--json", action="store_true", help="answer in JSON")
    parser.add_argument("--lang", dest="language", choices=LANGUAGES, help="language of the answer")
    commands = parser.add_subparsers(dest="command", metavar="COMMAND")
    _front_ends(commands)
    _setting_up(commands)
    _people(commands)
    _looking(commands)
    _working(commands)
    return parser


def _front_ends(commands: "argparse._SubParsersAction[argparse.ArgumentParser]") -> None:
    demo = _leaf(commands, "demo", "open the practice counter: a training CA, practice people, nothing real")
    demo.add_argument(
        "--data",
        type=Path,
        default=PRACTICE_FOLDER,
        metavar="DIR",
        help=f"folder of the practice counter (default: {PRACTICE_FOLDER})",
    )
    demo.add_argument("--reset", action="store_true", help="bring every practice user back to the start")
    demo.add_argument(
        "--sticks",
        choices=("folder", "usb"),
        default="folder",
        help="write to folders that stand for sticks, or to real ones in the ports (default: folder)",
    )
    demo.add_argument("--lang", dest="language", choices=LANGUAGES, default=argparse.SUPPRESS)


def _setting_up(commands: "argparse._SubParsersAction[argparse.ArgumentParser]") -> None:
    init = _leaf(
        commands, "init", "make keys and folders, bring the registry to this version, register the terminal"
    )
    init.add_argument("--branch-name", default="", help="name of the branch, when it is new")
    init.add_argument("--branch-phone", default="", help="telephone number of the branch, when it is new")
    authority = _branch(commands, "ca", "make or import the certification authority")
    create = _leaf(authority, "init", "make a CA; its passphrase is shown once")
    create.add_argument("--organization", required=True, help="name of the labor bank in the CA's subject")
    create.add_argument("--common-name", required=True, help="name of the CA in its subject")
    create.add_argument("--algorithm", choices=("rsa-3072", "p-256"), default="rsa-3072")
    take = _leaf(authority, "import", "take over a CA key that nobody else signs with")
    take.add_argument("--certificate", type=Path, required=True, metavar="PEM")
    take.add_argument("--key", type=Path, required=True, metavar="PEM", help="its passphrase is asked for")
    take.add_argument("--last-crl-number", type=int, default=0, metavar="N")


def _people(commands: "argparse._SubParsersAction[argparse.ArgumentParser]") -> None:
    staff = _branch(commands, "staff", "who works here")
    add = _leaf(staff, "add", "let somebody sign on; the password is asked for")
    add.add_argument("staff_id")
    add.add_argument("--person-number", required=True)
    add.add_argument("--name", required=True)
    add.add_argument("--role", required=True, choices=ROLES)
    add.add_argument("--branch", required=True, help="branch number, three digits")
    _leaf(staff, "list", "everybody who has or had an account")
    _leaf(staff, "suspend", "shut somebody out, on every terminal at once").add_argument("staff_id")
    _leaf(staff, "readmit", "let somebody sign on again, with the password they had").add_argument("staff_id")
    assign = _leaf(staff, "assign", "give somebody another role or branch")
    assign.add_argument("staff_id")
    assign.add_argument("--role", required=True, choices=ROLES)
    assign.add_argument("--branch", required=True, help="branch number, three digits")
    password = _leaf(staff, "password", "give somebody a new password, which is asked for; a pause ends")
    password.add_argument("staff_id")
    users = _branch(commands, "users", "who carries certificates")
    add = _leaf(users, "add", "enter a user; the password is asked for")
    add.add_argument("user_id")
    add.add_argument("--role", required=True, choices=("master", "general"))
    add.add_argument("--name", required=True)
    add.add_argument("--kana", required=True)
    add.add_argument("--email", required=True)
    add.add_argument("--branch", required=True, help="branch number, three digits")
    add.add_argument("--organization", required=True, help="organization code")
    add.add_argument("--organization-name", default="", help="needed with the first user of an organization")
    add.add_argument("--employer", action="store_true", help="the organization is an employer, not a member")
    _leaf(users, "show", "one user with certificates").add_argument("user_id")
    listing = _leaf(users, "list", "users in the order of their IDs")
    listing.add_argument("--after", default="", metavar="ID")
    listing.add_argument("--limit", type=int, default=100, metavar="N")
    media = _branch(commands, "media", "numbered sticks")
    add = _leaf(media, "add", "put an empty numbered stick into the stock")
    add.add_argument("medium_no")
    add.add_argument("--branch", required=True, help="branch number, three digits")
    take = _leaf(
        media, "import", "put a CSV list of the devices that may be used in the place of the old one"
    )
    take.add_argument("file", type=Path, metavar="FILE", help="columns: vid,pid,serial,owner,expires")
    _leaf(media, "list", "the devices that may be used, signature verified; 3 when one of them has expired")
    certificates = _branch(commands, "certificates", "what was issued")
    _leaf(certificates, "list", "certificates of one user").add_argument("user_id")


def _looking(commands: "argparse._SubParsersAction[argparse.ArgumentParser]") -> None:
    audit = _branch(commands, "audit", "the journal")
    _leaf(
        audit, "verify", "read the whole journal and name what was changed, and where; 3 when something was"
    )
    _leaf(
        commands,
        "verify",
        "read every stored certificate again and name what does not fit; 3 when something does not",
    )
    _leaf(commands, "self-check", "what must hold before a certificate is issued; 3 when something does not")
    lists = _branch(commands, "crl", "the list of revoked certificates")
    _leaf(
        lists,
        "publish",
        "publish a new list now and run the command that follows; 3 when that command failed",
    )
    _leaf(lists, "show", "the published list beside the registry; 3 when something does not fit")
    diff = _leaf(lists, "diff", "what changed between two lists; 3 when it must not have changed so")
    diff.add_argument("old", type=Path, metavar="OLD", help="a list in PEM or DER")
    diff.add_argument(
        "new", type=Path, nargs="?", metavar="NEW", help="a later one (default: the published list)"
    )
    settings = _branch(commands, "settings", "the settings file")
    _leaf(settings, "show", "every setting in force with its sentence, without secrets")


def _working(commands: "argparse._SubParsersAction[argparse.ArgumentParser]") -> None:
    mail = _branch(commands, "mail", "letters to customers")
    run = _leaf(mail, "run", "send what is due until it is told to stop; any number may run at once")
    run.add_argument("--once", action="store_true", help="end when nothing is due any more")
    test = _leaf(mail, "test", "send a test letter and say in plain words what is wrong; 3 when something is")
    test.add_argument("address")
    jobs = _branch(commands, "jobs", "work that comes up by itself")
    _leaf(
        jobs,
        "run",
        "queue notices, end old codes and receptions, renew the CRL, sign the journal; 3 when one was not done",
    )


def _branch(
    commands: "argparse._SubParsersAction[argparse.ArgumentParser]", name: str, text: str
) -> "argparse._SubParsersAction[argparse.ArgumentParser]":
    return commands.add_parser(name, help=text, description=text).add_subparsers(
        dest="action", metavar="ACTION", required=True
    )


def _leaf(
    commands: "argparse._SubParsersAction[argparse.ArgumentParser]", name: str, text: str
) -> argparse.ArgumentParser:
    leaf = commands.add_parser(name, help=text, description=text)
    leaf.add_argument("--json", action="store_true", default=argparse.SUPPRESS, help="answer in JSON")
    return leaf
