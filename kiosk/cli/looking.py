"""`kiosk audit verify`, `kiosk verify`, `kiosk self-check`, `kiosk settings show`: looking without changing."""

from kiosk.audit.keeping import CheckpointFile
from kiosk.bootstrap import CHECKPOINTS, open_foundation, open_signer, self_check_of
from kiosk.cli.answers import Answer, Exit
from kiosk.cli.arguments import Arguments
from kiosk.cli.keyless import authority_of, verifying_of
from kiosk.cli.setting_up import ROLE
from kiosk.config import load_settings
from kiosk.services.overview.journal import Journal


def audit_verify(arguments: Arguments) -> Answer:
    """Read every chain of the journal against its hashes and the signed checkpoints in and outside the database."""
    settings = load_settings(arguments.settings)
    base = open_foundation(settings, role=ROLE)
    with base.database:
        journal = Journal(
            desk=base.desk,
            public_key=lambda: authority_of(settings).attestation_public_key,
            kept=CheckpointFile(settings.paths.checkpoints / CHECKPOINTS),
        )
        findings = journal.verify(None)
    return Answer(
        facts={"findings": len(findings)},
        rows=[{"node": one.node, "from": one.seq, "to": one.last, "kind": one.kind} for one in findings],
        exit=Exit.FOUND if findings else Exit.DONE,
    )


def self_check(arguments: Arguments) -> Answer:
    """Everything that must hold before a certificate is issued."""
    settings = load_settings(arguments.settings)
    base = open_foundation(settings, role=ROLE)
    with base.database, open_signer(settings, settings.certificate.ca_passphrase) as signer:
        results = self_check_of(base, signer).run()
    failed = any(not result.ok and result.closes_issuing for result in results)
    return Answer(
        rows=[
            {"check": one.name, "ok": one.ok, "closes_issuing": one.closes_issuing, "fact": one.fact}
            for one in results
        ],
        exit=Exit.FOUND if failed else Exit.DONE,
    )


def verify(arguments: Arguments) -> Answer:
    """Every stored certificate against the standards, the registry and the published list."""
    settings = load_settings(arguments.settings)
    base = open_foundation(settings, role=ROLE)
    with base.database:
        result = verifying_of(base).verify()
    return Answer(
        facts={
            "examined": result.examined,
            "list_number": result.list_number,
            "findings": result.count,
        },
        rows=[
            {"serial": one.serial, "user_id": one.user_id, "misfit": one.misfit, "fact": one.fact}
            for one in result.named
        ],
        exit=Exit.FOUND if result.count else Exit.DONE,
    )


def settings_show(arguments: Arguments) -> Answer:
    """Every setting in force."""
    lines = load_settings(arguments.settings).in_force()
    return Answer(rows=[{"key": line.key, "value": line.value, "sentence": line.sentence} for line in lines])
