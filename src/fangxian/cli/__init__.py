"""`fangxian …`: one command for everything a town does at the terminal.

Nothing heavy is imported before it is needed, so that `fangxian --help` answers at once.
"""

from __future__ import annotations

import json
import os
import sys
from pathlib import Path

import click

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "fangxian.web.settings")


def _django() -> None:
    import django

    django.setup()


@click.group(context_settings={"help_option_names": ["-h", "--help"]})
@click.version_option(package_name="fangxian")
def main() -> None:
    """Fangxian (防线): a community's work against telecom and online fraud."""


@main.command()
@click.option("--host", default="127.0.0.1", show_default=True, help="Address to listen on.")
@click.option("--port", default=8000, show_default=True, help="Port to listen on.")
@click.option("--threads", default=8, show_default=True, help="Threads of the web process.")
@click.option("--no-worker", is_flag=True, help="Web only; run `fangxian worker` elsewhere.")
def serve(host: str, port: int, threads: int, no_worker: bool) -> None:
    """Serve the pages and run the worker beside them."""
    from fangxian.web import serving

    serving.serve(host, port, threads, with_worker=not no_worker)


@main.command()
def worker() -> None:
    """Run queued tasks and keep the clocks, without serving pages."""
    _django()
    from fangxian.web import worker as worker_room

    worker_room.run()


@main.command()
@click.option("--check", is_flag=True, help="Walk the whole loop in a town of its own, then stop.")
@click.option("--fresh", is_flag=True, help="Throw the demo town away and build it anew.")
@click.option("--port", default=8000, show_default=True, help="Port to listen on.")
@click.option("--live", is_flag=True,
              help="With a watch beside it: a swindle is played event by event, and its warning appears "
              "on the board (needs the extra `watch`).")  # fmt: skip
@click.option("--language", type=click.Choice(["zh", "en"]), default="zh", show_default=True,
              help="Language of what --live tells.")  # fmt: skip
def demo(check: bool, fresh: bool, port: int, live: bool, language: str) -> None:
    """Build the demo town (invented people) and serve it on this machine."""
    os.environ["FANGXIAN_MODE"] = "demo"
    from fangxian.web import serving

    serving.demo(port, check=check, fresh=fresh, live=live, language=language)


# No help of our own: `fangxian manage migrate --help` is Django's to answer.
@main.command(context_settings={"ignore_unknown_options": True}, add_help_option=False)
@click.argument("arguments", nargs=-1, type=click.UNPROCESSED)
def manage(arguments: tuple[str, ...]) -> None:
    """Run one of Django's own commands: `fangxian manage migrate`."""
    from django.core.management import execute_from_command_line

    execute_from_command_line(["fangxian manage", *arguments])


class _Person(click.ParamType[tuple[str, str]]):
    """`username:name`, as it is typed behind an option."""

    name = "username:name"

    def convert(self, value: str, param: object, ctx: object) -> tuple[str, str]:
        username, _colon, name = value.replace("：", ":").partition(":")
        if not (username.strip() and name.strip()):
            self.fail(f"{value!r} is not username:name, for instance zhang:张三", param, ctx)  # type: ignore[arg-type]
        return username.strip(), name.strip()


@main.command("new-town")
@click.argument("code")
@click.option("--province", required=True, help="Name of the province.")
@click.option("--city", required=True, help="Name of the city or prefecture.")
@click.option("--county", required=True, help="Name of the county or district.")
@click.option("--town", required=True, help="Name of the town, township or sub-district.")
@click.option("--system", type=_Person(), required=True, multiple=True, help="Sets the clocks.")
@click.option("--security", type=_Person(), required=True, multiple=True, help="Keeps accounts.")
@click.option("--auditor", type=_Person(), required=True, multiple=True, help="Reads the chain.")
def new_town(code: str, province: str, city: str, county: str, town: str, **people: object) -> None:
    """Begin a real town: its places and its first administrators.

    CODE is the 12-digit code of the town (国家统计局). The three administrators are different
    people; each gets a first password, shown this once, good for seven days and changed at the
    first sign-in. Said twice, it adds what is missing and shows no password again.
    """
    _django()
    from django.core.management import call_command
    from django.utils import translation

    from fangxian.town import actions
    from fangxian.town.models import Role

    call_command("migrate", verbosity=0)
    newcomers = [
        actions.Newcomer(role, username, name)
        for role in (Role.SYSTEM, Role.SECURITY, Role.AUDITOR)
        for username, name in people[role.value]  # type: ignore[attr-defined]
    ]
    with translation.override("en"):
        try:
            begun = actions.begin_town(code, (province, city, county, town), newcomers)
        except actions.Refused as refused:
            raise click.ClickException(str(refused)) from refused
        for place in begun.new_places:
            click.echo(f"added {place.code} {place.name}")
        for staff, role, password in begun.people:
            word = f"first password {password}" if password else "was there already"
            click.echo(f"{Role(role).label}: {staff.username} ({staff.name}), {word}")
    if any(password for _staff, _role, password in begun.people):
        click.echo("Tell each first password in person. It ends after seven days.")


@main.command("new-password")
@click.argument("username")
def new_password(username: str) -> None:
    """Give an account a new first password, when no administrator can sign in to do so."""
    _django()
    from django.utils import translation

    from fangxian.town import actions, audit
    from fangxian.town.models import Staff

    staff = Staff.objects.filter(username=username.strip().lower(), is_active=True).first()
    if staff is None:
        raise click.ClickException(f"there is no open account {username!r}")
    with translation.override("en"):
        word = actions.reset_password(audit.SYSTEM, staff)
    click.echo(f"{staff.username} ({staff.name}), first password {word}")
    click.echo("Tell it in person. It ends after seven days; all sessions of the account ended.")


@main.group()
def keys() -> None:
    """Make and change keys."""


@keys.command("new")
@click.option("--algorithm", type=click.Choice(["aes", "sm4"]), default="aes", show_default=True)
def keys_new(algorithm: str) -> None:
    """Print a fresh set of keys as environment variables."""
    from fangxian.web.keys import new_keys

    for name, value in new_keys(algorithm=algorithm).items():
        click.echo(f"{name}={value}")


@keys.command("add")
@click.argument("key_id")
@click.option("--algorithm", type=click.Choice(["aes", "sm4"]), default="aes", show_default=True)
def keys_add(key_id: str, algorithm: str) -> None:
    """Print one more data key, to be put first in FANGXIAN_DATA_KEYS."""
    from fangxian.web.keys import new_data_key

    click.echo(new_data_key(key_id, algorithm))


@keys.command("rotate")
def keys_rotate() -> None:
    """Seal everything anew with the first key of FANGXIAN_DATA_KEYS. May be stopped and rerun."""
    _django()
    from fangxian.town import rotation
    from fangxian.town.sealed import CannotOpen

    try:
        for column, count in rotation.reseal().items():
            click.echo(f"{column}: {count}")
    except CannotOpen as error:
        raise click.ClickException(str(error)) from error
    left = rotation.stale()
    if left:
        raise click.ClickException(f"still sealed with an old key: {left}; run again")
    click.echo("Every value is sealed with the first key; the old keys may be dropped.")


@main.group()
def audit() -> None:
    """Verify and anchor the audit chain."""


@audit.command("verify")
@click.option(
    "--anchor", type=click.Path(exists=True, path_type=Path), help="A file made by `audit anchor`."
)
def audit_verify(anchor: Path | None) -> None:
    """Read the whole chain; exit with 1 and say where when anything was changed."""
    _django()
    from fangxian.town import audit as chain

    read, findings = chain.verify()
    if anchor is not None:
        findings += chain.compare(json.loads(anchor.read_text()))
    for finding in findings:
        click.echo(f"entry {finding.seq}: {finding.what}", err=True)
    click.echo(f"{read} entries read, {len(findings)} findings")
    sys.exit(1 if findings else 0)


@audit.command("anchor")
def audit_anchor() -> None:
    """Print the end of the chain, to be kept elsewhere (redirect it to a file)."""
    _django()
    from fangxian.town import audit as chain

    click.echo(json.dumps(chain.anchor()))


@main.command()
@click.argument("file", type=click.Path(path_type=Path))
def backup(file: Path) -> None:
    """Write the whole database to FILE. Personal data in it stays sealed; keys are not in it."""
    _django()
    from fangxian.web import backup as room

    try:
        click.echo(room.backup(file).summary())
    except room.BackupError as error:
        raise click.ClickException(str(error)) from error


@main.command()
@click.argument("file", type=click.Path(exists=True, path_type=Path))
@click.option("--replace", is_flag=True, help="Overwrite a database that is not empty.")
def restore(file: Path, replace: bool) -> None:
    """Bring the database back from FILE, verify its sums and its audit chain."""
    _django()
    from fangxian.web import backup as room

    try:
        click.echo(room.restore(file, replace=replace).summary())
    except room.BackupError as error:
        raise click.ClickException(str(error)) from error


@main.command()
def retention() -> None:
    """Delete and pseudonymise what is past its time, now."""
    _django()
    from fangxian.town import retention as room

    for done in room.run():
        click.echo(f"{done.rule}: {done.how_many}")


def _add_rooms() -> None:
    from .detector import check, evaluate, train
    from .watch import watch

    for command in (check, train, evaluate, watch):
        main.add_command(command)


_add_rooms()
