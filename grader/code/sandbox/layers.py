"""Which layers work on this machine (tried, never guessed), and how a process locks itself in."""

from __future__ import annotations

import os
from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path

from . import cgroups, landlock, limits, namespaces, seccomp
from .paths import Paths
from .syscalls import PR_SET_CHILD_SUBREAPER, PR_SET_DUMPABLE, PR_SET_PDEATHSIG, prctl

NAMESPACES = ("mount", "pid", "network", "ipc", "hostname")
SUBMISSION = "/submission"
SCRATCH = "/tmp"  # noqa: S108  (a private file system in memory)
SIGKILL = 9


@dataclass(frozen=True)
class Plan:
    """The layers that were tried and work, and for each missing one the reason."""

    user_namespace: bool
    namespaces: tuple[str, ...]
    unprivileged_user: bool
    landlock: bool
    seccomp: bool
    own_proc: bool
    missing: dict[str, str] = field(default_factory=dict)
    groups: cgroups.Server | None = None

    @property
    def private_root(self) -> bool:
        """Whether the worker sees a file system of its own."""
        return "mount" in self.namespaces

    @property
    def own_pids(self) -> bool:
        """Whether the worker has a process tree of its own."""
        return "pid" in self.namespaces

    def names(self) -> tuple[str, ...]:
        """The layers in force, for people."""
        words = ["own session", "resource limits", "memory watch", "no new privileges"]
        words += ["no capabilities", *(f"{name} namespace" for name in self.namespaces)]
        if self.user_namespace:
            words.append("user namespace")
        if self.unprivileged_user:
            words.append("unprivileged user")
        if self.landlock:
            words.append(f"landlock (version {landlock.version()})")
        if self.seccomp:
            words.append("seccomp")
        if self.groups:
            words.append(f"cgroup ({', '.join(self.groups.controllers)})")
        return tuple(words)


@dataclass(frozen=True)
class Limits:
    """What one worker may use in its life. Memory counts on top of the interpreter's own."""

    cpu_s: int
    memory_mb: int
    scratch_mb: int = 64
    file_mb: int = 64
    open_files: int = 64
    processes: int = 64


def unprivileged_id() -> int:
    """A user id of its own for every worker, so that limits counted per user never mix."""
    return 61000 + os.getpid() % 4000


def leave_namespaces(plan: Plan) -> None:
    """First half of the way in, before the fork that makes process 1. Raises OSError."""
    user, group = os.getuid(), os.getgid()
    names = [n for n in plan.namespaces if n != "mount"]
    if plan.user_namespace:
        names.insert(0, "user")
    if names:
        namespaces.unshare(names)
    if plan.user_namespace:
        namespaces.map_own_ids(user, group, unprivileged_id())


def enter_root(plan: Plan, paths: Paths, submission: str, scratch_mb: int) -> bool:
    """Second half, in process 1: the private file system. Returns whether /proc is its own."""
    if not plan.private_root:
        return False
    namespaces.unshare(["mount"])
    return namespaces.enter_private_root(
        paths.bound,
        paths.hidden,
        {submission: SUBMISSION} if submission else {},
        paths.devices,
        scratch_mb=scratch_mb,
        own_proc=plan.own_pids,
    )


def lock_in(plan: Plan, paths: Paths, bounds: Limits, submission: str, scratch: str) -> None:
    """Last step, in the process that will run student code: give up everything. Raises OSError."""
    limits.close_way_to_capabilities()
    if plan.unprivileged_user:
        limits.become(unprivileged_id_of_parent())
    end_with_parent()
    limits.drop_capabilities()
    limits.forbid_new_privileges()
    limits.set_resource_limits(
        cpu_s=bounds.cpu_s,
        memory_mb=bounds.memory_mb,
        file_mb=bounds.file_mb,
        open_files=bounds.open_files,
        processes=bounds.processes,
    )
    if plan.landlock:
        restrict_files(plan, paths, submission, scratch)
    if plan.seccomp:
        seccomp.restrict(os.getpid())


def restrict_files(plan: Plan, paths: Paths, submission: str, scratch: str) -> None:
    """Landlock, in the process that will run student code. Raises OSError."""
    own = ["/proc"] if plan.own_proc else [f"/proc/{os.getpid()}", "/proc/meminfo"]
    readable = [*paths.single, *own, submission]
    landlock.restrict(readable, [scratch, "/dev/null"], paths.devices, paths.listed)


def unprivileged_id_of_parent() -> int:
    """The worker's user id, as chosen before its process tree had numbers of its own."""
    return int(os.environ["WORKER_USER"])


def _tries(action: Callable[[], None]) -> str:
    """Run `action` in a child that is thrown away; the reason of its failure, "" for none."""
    reader, writer = os.pipe()
    child = os.fork()
    if child == 0:
        os.close(reader)
        try:
            action()
        except BaseException as error:  # noqa: BLE001  (whatever it is, the layer does not work)
            os.write(writer, f"{type(error).__name__}: {error}"[:300].encode())
        os._exit(0)
    os.close(writer)
    with os.fdopen(reader, "rb") as stream:
        reason = stream.read().decode(errors="replace")
    _, status = os.waitpid(child, 0)
    return reason or ("" if status == 0 else f"the trial ended with status {status}")


def _inside(plan: Plan, paths: Paths, action: Callable[[], None]) -> None:
    """Run `action` in the namespaces of `plan`, as process 1; raises OSError with its reason."""
    leave_namespaces(plan)

    def first_process() -> None:
        enter_root(plan, paths, "", 1)
        action()

    reason = _tries(first_process)
    if reason:
        raise OSError(reason)


def probe(paths: Paths, samples: tuple[str, ...]) -> Plan:
    """Try every layer. `samples` are files that a worker must be able to read afterwards."""
    missing: dict[str, str] = {}
    plan = _probe_namespaces(paths, missing)

    def dropped() -> None:
        limits.become(unprivileged_id())
        _read(samples)

    drop = False
    if os.geteuid() == 0 and not plan.user_namespace:
        reason = _tries(lambda: _inside(plan, paths, dropped))
        drop = not reason
        if reason:
            missing["unprivileged user"] = reason

    def with_landlock() -> None:
        limits.forbid_new_privileges()
        landlock.restrict(paths.single, [])
        _read(samples)
        if os.access("/", os.R_OK):
            try:
                list(Path("/").iterdir())
            except PermissionError:
                return
            raise OSError("the rules had no effect")

    def with_seccomp() -> None:
        limits.forbid_new_privileges()
        seccomp.restrict(os.getpid())
        try:
            os.fork()
        except PermissionError:
            return
        raise OSError("the filter had no effect")

    found = {}
    for name, action in (("landlock", with_landlock), ("seccomp", with_seccomp)):
        reason = _tries(action)
        found[name] = not reason
        if reason:
            missing[name] = reason
    own_proc = plan.own_pids and plan.private_root and not _tries(_own_proc(plan, paths))
    return Plan(
        user_namespace=plan.user_namespace,
        namespaces=plan.namespaces,
        unprivileged_user=drop,
        landlock=found["landlock"],
        seccomp=found["seccomp"],
        own_proc=own_proc,
        missing=missing,
        groups=_probe_groups(missing),
    )


def _probe_groups(missing: dict[str, str]) -> cgroups.Server | None:
    """The place for workers' groups, once a process has been in one and was ended by it."""
    try:
        server = cgroups.serve_from(*cgroups.handed_over())
    except OSError as error:
        missing["cgroup"] = error.strerror or str(error)
        return None
    try:
        group = server.group("trial")
        group.bound(memory_bytes=limits.MIB << 6, processes=8)
        reason = _tries(group.join)
        group.end()
    except OSError as error:
        reason = str(error)
    if not reason:
        return server
    server.close()
    missing["cgroup"] = reason
    return None


def _own_proc(plan: Plan, paths: Paths) -> Callable[[], None]:
    def look() -> None:
        if not Path("/proc/1").exists():
            raise OSError("no /proc of its own")

    return lambda: _inside(plan, paths, look)


def _probe_namespaces(paths: Paths, missing: dict[str, str]) -> Plan:
    def candidate(names: tuple[str, ...], *, user: bool) -> Plan:
        return Plan(
            user_namespace=user,
            namespaces=names,
            unprivileged_user=False,
            landlock=False,
            seccomp=False,
            own_proc=False,
        )

    def closed() -> None:
        if Path("/etc/passwd").exists() or Path("/home").exists():
            raise OSError("the outer files are still there")

    def works(plan: Plan) -> str:
        check = closed if plan.private_root else (lambda: None)
        return _tries(lambda: _inside(plan, paths, check))

    for user in (False, True):
        plan = candidate(NAMESPACES, user=user)
        if not works(plan):
            return plan
    alone: list[str] = []
    for name in NAMESPACES:
        reasons = [works(candidate((name,), user=user)) for user in (False, True)]
        if all(reasons):
            missing[f"{name} namespace"] = reasons[-1]
        else:
            alone.append(name)
    # Those that work one by one may still not work together: keep them only if they do.
    for user in (False, True):
        plan = candidate(tuple(alone), user=user)
        if alone and not works(plan):
            return plan
    missing |= {f"{name} namespace": "does not work with the others" for name in alone}
    return candidate((), user=False)


def _read(samples: tuple[str, ...]) -> None:
    for sample in samples:
        with Path(sample).open("rb") as stream:
            stream.read(1)


def end_with_parent() -> None:
    """Have the kernel kill this process when its parent ends."""
    prctl(PR_SET_PDEATHSIG, SIGKILL)


def adopt_orphans() -> None:
    """Whatever loses its parent below this process becomes its child, not a stranger's."""
    prctl(PR_SET_CHILD_SUBREAPER, 1)


def hide_from_ptrace() -> None:
    """Make process 1 unreadable for the worker, which may run under the same user."""
    prctl(PR_SET_DUMPABLE, 0)
