"""The journal's database: a file of SQLite, or a server of PostgreSQL that several machines share.

Opens and creates it, brings it to its present shape, runs the named requests of journal.sql in short transactions, and
says in French what is wrong with it. Knows nothing of invoices and runs; no message ever holds the server's password.
"""

from __future__ import annotations

import contextlib
import errno
import os
import re
import stat
from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path
from typing import Any, Protocol

import platformdirs
from sqlalchemy import Connection, CursorResult, Engine, create_engine, event, inspect, text
from sqlalchemy.engine import URL, make_url
from sqlalchemy.exc import ArgumentError, DBAPIError
from sqlalchemy.exc import TimeoutError as PoolTimeout

from robot.events import now
from robot.failures import Failure
from robot.wholefile import make_private

# Long enough for another process to end a short write, short enough for a person to wait.
BUSY_SECONDS = 10
# Any number does, as long as every robot takes the same one.
_WRITING = 7_203_114_581


class JournalUnusable(Failure):
    """Le journal du robot ne peut être ni lu ni écrit."""

    exit_code = 2
    outcome = "refused"


class Do(Protocol):
    """Executes a named request of journal.sql within a transaction."""

    def __call__(self, name: str, /, **values: Any) -> CursorResult[Any]: ...


def home() -> Path:
    """Folder of the user's journal: CHORUS_ROBOT_HOME, or where this system keeps a user's data."""
    override = os.environ.get("CHORUS_ROBOT_HOME")
    return Path(override) if override else platformdirs.user_data_path("chorus-robot", appauthor=False)


def own_file() -> Path:
    """The user's own journal, unless the configuration names another place."""
    return home() / "journal.sqlite3"


def stamp(at: datetime) -> str:
    """An instant as the journal writes it: comparable as text."""
    return at.astimezone(UTC).isoformat(timespec="microseconds")


def read_queries(sql: str) -> dict[str, tuple[str, ...]]:
    """`-- name: …` blocks -> their statements, without comments."""
    blocks = re.split(r"^-- name: *(\S+) *$", sql, flags=re.MULTILINE)[1:]
    bodies = [re.sub(r"^--.*$", "", body, flags=re.MULTILINE) for body in blocks[1::2]]
    parts = [re.split(r";$", body, flags=re.MULTILINE) for body in bodies]
    statements = [tuple(part.strip() for part in some if part.strip()) for some in parts]
    return dict(zip(blocks[::2], statements, strict=True))


QUERIES = read_queries((Path(__file__).parent / "journal.sql").read_text(encoding="utf-8"))


class Store:
    """A database that is open. Each transaction is short; several processes may use it at once."""

    def __init__(self, where: str | Path | URL | None = None) -> None:
        """Opens, or creates, the database of a path or of an address; the user's own file by default."""
        self.url = _url(where or own_file())
        # The path of a file.
        self.file = Path(self.url.database or "") if self.url.get_backend_name() == "sqlite" else None
        if self.file:
            self._prepare_file(self.file)
        self.engine = _sqlite_engine(self.url, self.file) if self.file else _postgresql_engine(self.url)
        try:
            self._migrate()
        except BaseException:
            self.engine.dispose()
            raise

    @property
    def where(self) -> str:
        """Path or address, as a person reads it; a password shows as ***."""
        return str(self.file) if self.file else self.url.set(drivername="postgresql").render_as_string()

    def close(self) -> None:
        self.engine.dispose()

    # --- transactions -------------------------------------------------------------------------------------

    @contextlib.contextmanager
    def writing(self, *, durable: bool = True) -> Iterator[Do]:
        """A transaction that writes: it survives the death of the program and, if durable, of the machine."""
        with self._transaction("durable" if durable else "fast") as do:
            yield do

    @contextlib.contextmanager
    def reading(self) -> Iterator[Do]:
        """A transaction that sees one instant of the journal."""
        with self._transaction("read") as do:
            yield do

    @contextlib.contextmanager
    def _transaction(self, mode: str) -> Iterator[_Doer]:
        with self.telling(), self.engine.connect().execution_options(mode=mode) as connection, connection.begin():
            yield _Doer(connection)

    @contextlib.contextmanager
    def telling(self) -> Iterator[None]:
        """Errors of the database become JournalUnusable."""
        try:
            yield
        except (DBAPIError, PoolTimeout) as error:
            raise self._unusable(error) from error

    def _unusable(self, error: DBAPIError | PoolTimeout | OSError) -> JournalUnusable:
        code, said = _told(error)
        if isinstance(self.url.password, str) and self.url.password:
            said = said.replace(self.url.password, "***")
        reasons = _FILE_REASONS if self.file else _SERVER_REASONS
        why, cure = next((reason for start, reason in reasons if code.startswith(start)), reasons[-1][1])
        detail = ", ".join(part for part in (code, said) if part)
        return JournalUnusable(
            f"Le journal du robot ne peut être ni lu ni écrit : {why} [{detail}].", where=self.where, cure=cure
        )

    def damaged(self, detail: str) -> JournalUnusable:
        """What is written there is not what a robot writes."""
        why, cure = _DAMAGED if self.file else _FOREIGN
        return JournalUnusable(
            f"Le journal du robot ne peut être ni lu ni écrit : {why} [{detail}].", where=self.where, cure=cure
        )

    # --- making it ----------------------------------------------------------------------------------------

    def _prepare_file(self, path: Path) -> None:
        """Creates the file, readable by its owner alone; SQLite gives its rights to the files beside it."""
        try:
            if path.exists() and not path.is_file():
                # A device that is named by mistake must keep its rights.
                raise OSError(errno.EINVAL, "not an ordinary file")
            make_private(path.parent)
            with contextlib.suppress(FileExistsError):
                os.close(os.open(path, os.O_RDWR | os.O_CREAT | os.O_EXCL, 0o600))
            # A file that was copied or restored may have come with other rights.
            for file in (path, *(path.with_name(path.name + end) for end in ("-wal", "-shm"))):
                with contextlib.suppress(FileNotFoundError, PermissionError):
                    if os.name == "posix" and stat.S_IMODE(file.stat().st_mode) & 0o077:
                        file.chmod(0o600)
        except OSError as error:
            raise self._unusable(error) from error

    def _migrate(self) -> None:
        numbers = sorted(int(name.split("-")[1]) for name in QUERIES if name.startswith("migration-"))
        with self._transaction("read") as do:
            tables = do.tables()
            if self.file and tables and "migration" not in tables:
                raise self.damaged("base d'un autre programme")
            done = int(do("get-version").scalar_one()) if "migration" in tables else 0
        if done > numbers[-1]:
            raise JournalUnusable(
                "Le journal a été écrit par une version plus récente du robot.",
                where=self.where,
                cure="mettez le robot à jour ; rien n'a été changé dans ce journal.",
            )
        if done == numbers[-1]:
            return
        with self._transaction("durable") as do:
            do("create-version")
            done = int(do("get-version").scalar_one())
            for number in numbers[numbers.index(done) + 1 if done else 0 :]:
                do(f"migration-{number}")
                do("add-version", number=number, at=stamp(now()))


class _Doer:
    def __init__(self, connection: Connection) -> None:
        self._connection = connection

    def __call__(self, name: str, /, **values: Any) -> CursorResult[Any]:
        kept = {name: _storable(value) for name, value in values.items()}
        results = [self._connection.execute(text(statement), kept) for statement in QUERIES[name]]
        return results[-1]

    def tables(self) -> list[str]:
        return inspect(self._connection).get_table_names()


def _storable(value: Any) -> Any:
    """Text that any database takes: names of files and words of a page may hold what UTF-8 cannot, or NUL."""
    if not isinstance(value, str):
        return value
    return value.encode("utf-8", "backslashreplace").decode().replace("\0", "\\x00")


# --- engines --------------------------------------------------------------------------------------------------


def _url(where: str | Path | URL) -> URL:
    if isinstance(where, URL):
        url = where
    elif "://" not in str(where) or isinstance(where, Path):
        return URL.create("sqlite", database=str(where))
    else:
        try:
            url = make_url(where)
        except (ArgumentError, ValueError):
            # The address is not repeated: it may hold a password.
            raise _no_place("une adresse incompréhensible") from None
    kind = url.get_backend_name()
    if kind in ("postgresql", "postgres"):
        return url.set(drivername="postgresql+psycopg")
    if kind == "sqlite" and url.database:
        return url
    raise _no_place(f"« {kind} »")


def _no_place(given: str) -> JournalUnusable:
    return JournalUnusable(
        "Le journal n'est ni un fichier ni un serveur PostgreSQL.",
        where=given,
        expected="un chemin, ou postgresql://utilisateur@serveur/base",
    )


def _sqlite_engine(url: URL, file: Path) -> Engine:
    # A file on a medium that cannot be written is read as it is: SQLite would want to write beside it.
    if not os.access(file.parent, os.W_OK) and not file.with_name(file.name + "-wal").exists():
        url = url.set(
            database=file.absolute().as_uri(), query={"uri": "true", "mode": "ro", "immutable": "1"}
        )
    engine = create_engine(url, connect_args={"timeout": BUSY_SECONDS})

    @event.listens_for(engine, "connect")
    def _(connection: Any, _record: Any) -> None:
        # Python's own handling of transactions begins them too late for two processes: switched off.
        connection.isolation_level = None
        tables = {name for (name,) in connection.execute("SELECT name FROM sqlite_master WHERE type = 'table'")}
        # The mode is written into the file: not into another program's.
        if not tables or "migration" in tables:
            connection.execute("PRAGMA journal_mode = WAL")
        connection.execute("PRAGMA foreign_keys = ON")
        # Where macOS says that the disk has it, the disk may not.
        connection.execute("PRAGMA fullfsync = ON")

    @event.listens_for(engine, "begin")
    def _(connection: Connection) -> None:
        mode = connection.get_execution_options().get("mode")
        connection.exec_driver_sql(f"PRAGMA synchronous = {'FULL' if mode == 'durable' else 'NORMAL'}")
        connection.exec_driver_sql("BEGIN" if mode == "read" else "BEGIN IMMEDIATE")

    return engine


def _postgresql_engine(url: URL) -> Engine:
    defaults = {"connect_timeout": BUSY_SECONDS, "application_name": "chorus-robot"}
    missing = {name: value for name, value in defaults.items() if name not in url.query}
    try:
        # A server that was restarted between two steps is met again without a failure.
        engine = create_engine(url, connect_args=missing, pool_pre_ping=True, hide_parameters=True)
    except ImportError:
        raise JournalUnusable(
            "Un journal sur un serveur PostgreSQL demande un composant qui n'est pas installé.",
            where=url.host or "",
            cure="pip install 'chorus-robot[postgresql]'",
        ) from None

    @event.listens_for(engine, "connect")
    def _(connection: Any, _record: Any) -> None:
        connection.autocommit = True
        connection.execute(f"SET lock_timeout = '{BUSY_SECONDS}s'")
        connection.execute(f"SET statement_timeout = '{3 * BUSY_SECONDS}s'")
        connection.autocommit = False

    @event.listens_for(engine, "begin")
    def _(connection: Connection) -> None:
        mode = connection.get_execution_options().get("mode")
        if mode == "read":
            connection.exec_driver_sql("SET TRANSACTION ISOLATION LEVEL REPEATABLE READ READ ONLY")
        elif mode:
            # Each request sees what others have written until then, whatever the server's default.
            connection.exec_driver_sql("SET TRANSACTION ISOLATION LEVEL READ COMMITTED")
            durable = "on" if mode == "durable" else "off"
            connection.exec_driver_sql(f"SET LOCAL synchronous_commit TO {durable}")
        if mode == "durable":
            # One at a time, as a file's writers are: what was read stays true until it is written.
            connection.exec_driver_sql(f"SELECT pg_advisory_xact_lock({_WRITING})")

    return engine


# --- what is wrong --------------------------------------------------------------------------------------------

_ELSEWHERE = "ou donnez un autre dossier par la variable CHORUS_ROBOT_HOME."
_DAMAGED = (
    "le fichier est abîmé, ou n'est pas un journal du robot",
    "mettez-le de côté sous un autre nom, avec ses voisins « -wal » et « -shm », sans l'effacer : il peut encore servir. "
    "Remettez ensuite une sauvegarde, ou laissez le robot en commencer un autre : il cherche chaque facture sur le portail "
    "avant de l'envoyer.",
)
_FOREIGN = (
    "ce qui y est écrit n'est pas d'un robot",
    "demandez à qui s'occupe du serveur, sans rien effacer.",
)
_FULL = ("le disque est plein", "faites de la place, puis relancez la même commande.")
_READ_ONLY = (
    "il est en lecture seule, ou son dossier",
    f"rendez-vous le droit d'écrire ce fichier et son dossier, {_ELSEWHERE}",
)
_BUSY = (
    f"un autre programme le tient depuis plus de {BUSY_SECONDS} secondes",
    "fermez ce programme, puis relancez la même commande.",
)
# Start of the database's or system's own code -> what it means, and the cure. The last one is for all others.
_FILE_REASONS = (
    ("SQLITE_CORRUPT", _DAMAGED),
    ("SQLITE_NOTADB", _DAMAGED),
    ("SQLITE_FULL", _FULL),
    ("ENOSPC", _FULL),
    ("EDQUOT", _FULL),
    ("EFBIG", _FULL),
    ("SQLITE_READONLY", _READ_ONLY),
    ("EACCES", _READ_ONLY),
    ("EPERM", _READ_ONLY),
    ("EROFS", _READ_ONLY),
    ("EINVAL", ("ce n'est pas un fichier ordinaire", f"corrigez journal: dans la configuration, {_ELSEWHERE}")),
    ("SQLITE_BUSY", _BUSY),
    ("SQLITE_LOCKED", _BUSY),
    ("", ("son dossier ou son disque ne le permet pas", f"vérifiez la place libre et les droits de ce fichier, {_ELSEWHERE}")),
)
_LATER = "vérifiez l'adresse et le réseau, puis relancez la même commande ; sans son journal, le robot ne dépose rien."
_SERVER_REASONS = (
    ("28", ("le serveur refuse cet utilisateur ou son mot de passe", "corrigez journal: dans la configuration.")),
    ("3D", ("le serveur n'a pas cette base", "faites-la créer, ou corrigez journal: dans la configuration.")),
    ("42501", ("cet utilisateur n'en a pas le droit", "demandez à qui s'occupe du serveur.")),
    ("25006", ("le serveur est en lecture seule", "demandez à qui s'occupe du serveur.")),
    ("53", ("le serveur manque de place ou de connexions", "demandez à qui s'occupe du serveur.")),
    ("55P03", _BUSY),
    ("57", ("le serveur s'arrête, ou ne répond pas à temps", _LATER)),
    ("", ("le serveur ne répond pas comme il faut", _LATER)),
)


# A connection that is refused comes without its code, in the server's or the system's language.
_UNCODED = (
    ("28", re.compile(r"password|mot de passe|pg_hba\.conf|authenti", re.IGNORECASE)),
    ("3D", re.compile(r"database \S+ does not exist|la base de données \S+ n.existe pas", re.IGNORECASE)),
    ("53", re.compile(r"too many|trop de", re.IGNORECASE)),
)


def _told(error: DBAPIError | PoolTimeout | OSError) -> tuple[str, str]:
    """The code of a database's or system's error, and what a server says besides, in its own language."""
    original: Any = error.orig if isinstance(error, DBAPIError) else error
    if isinstance(original, OSError):
        return errno.errorcode.get(original.errno or 0, ""), ""
    if code := getattr(original, "sqlite_errorname", ""):
        return code, ""
    said = str(original).strip().partition("\n")[0]
    return getattr(original, "sqlstate", None) or next((code for code, words in _UNCODED if words.search(said)), ""), said
