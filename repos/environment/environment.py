"""Makes the environment that a repository runs in, once, and keeps it for later runs."""

from __future__ import annotations

import os
import re
import shutil
import tempfile
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import asdict, dataclass, replace
from pathlib import Path, PurePosixPath

from ...errors import ToolError, UserError
from ..commands.variables import target_variables
from ..declared.layout import Layout, find_layout
from ..declared.metadata import DeclaredMetadata, find_subdir, read_metadata
from ..disk import writing_to
from ..locks import exclusive
from ..sandbox.containment import OPEN, Containment
from .entry import digest, entry_key, read_entry, write_entry
from .generated import (
    NATIVE_SUFFIXES,
    copy_files,
    files_of_installation,
    list_files,
    made_since,
)
from .image import copied_out, interpreter_in
from .installation import (
    install_project,
    reinstall_regularly,
    run_install_commands,
)
from .installer import Installer, telling_line
from .interpreter import Interpreter, find_interpreter

__all__ = ["Environment", "EnvironmentSpec", "build_environment", "find_subdir", "prepare_tree"]

Progress = Callable[[str], None]

_VERSION_FILE = re.compile(r"_?_?version_?_?\.py|_version_info\.py|__about__\.py")


@dataclass(frozen=True, kw_only=True)
class EnvironmentSpec:
    """What the user said about the environment.

    Attributes:
        python: A version such as "3.9", or the path of an interpreter or an environment; None for
            perfagent's own version, or one that the repository supports.
        install: Shell commands that install the repository; empty: from its own metadata.
        build: The shell command that compiles what a patch changed; None when nothing needs it.
        extras: Extras of the project that have to be installed.
        subdir: The project's folder in the tree; "" for the root.
        image: The container image that has the interpreter and its packages, by its id; None where
            they are this machine's.
    """

    python: str | None = None
    install: tuple[str, ...] = ()
    build: str | None = None
    extras: tuple[str, ...] = ()
    subdir: str = ""
    image: str | None = None


@dataclass(frozen=True, kw_only=True)
class Environment:
    """An interpreter in which a repository's packages and tests run.

    Attributes:
        key: Tells it from other environments.
        python: The interpreter to start, as a path inside the environment.
        version: Its version, like "3.11.7".
        import_roots: Folders of a tree that are put first on the import path ("" for its root).
        packages: The top-level import names that the repository owns.
        generated: Untracked files that the installation made, relative to the tree.
        source: The folder that holds them: the tree that was installed.
        build: The command that compiles what a patch changed; None when there is none.
        log: The output of the installation.
        subdir: The project's folder in a tree, in which its tests run.
        left_out: What the suite may need and would not install, a line each.
        image: The id of the container image that `python` is a path in; None for this machine.
    """

    key: str
    python: Path
    version: str
    import_roots: tuple[str, ...]
    packages: tuple[str, ...]
    generated: tuple[str, ...]
    source: Path
    build: str | None
    log: Path
    subdir: str = ""
    left_out: tuple[str, ...] = ()
    image: str | None = None

    def variables(self, tree: Path, *, hash_seed: int | str = 0) -> dict[str, str]:
        """Return all environment variables for a command that runs the code of a tree."""
        roots = [str(tree / root) if root else str(tree) for root in self.import_roots]
        return {
            **target_variables(self.python),
            "HOME": str(self.home(tree)),
            "PYTHONPATH": os.pathsep.join(roots),
            "PYTHONHASHSEED": str(hash_seed),
        }

    def home(self, tree: Path) -> Path:
        """Return the home directory for the code of a tree, made here when it is not there.

        It is a folder beside that of the trees, which all trees of a run share: what programs
        cache there (fonts, compiled kernels) is made once.
        """
        home = _beside_trees(tree, "home")
        with writing_to(home):
            home.mkdir(exist_ok=True)
        return home

    def module_name(self, path: str) -> str | None:
        """Return the name by which a file of a tree is imported, None when it is not ours.

        Only modules of the repository's own packages are.
        """
        file = PurePosixPath(path)
        if file.suffix != ".py":
            return None
        for root in sorted(self.import_roots, key=len, reverse=True):
            if not file.is_relative_to(root):
                continue
            parts = list(file.relative_to(root).with_suffix("").parts)
            if parts[-1] == "__init__":
                parts.pop()
            if parts and parts[0] in self.packages and all(map(str.isidentifier, parts)):
                return ".".join(parts)
        return None


def build_environment(
    spec: EnvironmentSpec,
    tree: Path,
    cache_dir: Path,
    on_progress: Progress | None = None,
    containment: Containment = OPEN,
) -> Environment:
    """Return the environment for a repository, from the cache where it has been made before.

    An interpreter that is given by its path inside a virtual or conda environment is used as it
    is: nothing is installed into it.

    Args:
        spec: What the user said.
        tree: A checkout of the base commit; not changed.
        cache_dir: Where environments are kept.
        on_progress: Told in one line what goes on when it takes a while.
        containment: How the environment's interpreter is contained once it is installed; the
            installation itself runs as the user, with the network.

    Raises:
        UserError: No such interpreter or folder, the installation fails (the message has its last
            line and its log), or nothing in the repository can be imported.
        InfrastructureError: The index cannot be reached, or the disk is full.
    """
    tell = on_progress or (lambda _: None)
    if not (tree / spec.subdir).is_dir():
        raise UserError(f"--subdir {spec.subdir}: no such folder in the repository")
    declared = read_metadata(tree / spec.subdir)
    if spec.image is not None:
        interpreter = interpreter_in(spec.image, spec.python)
        return _as_it_is(spec, tree, cache_dir, declared, interpreter, containment)
    interpreter = find_interpreter(spec.python, requires=declared.requires_python)
    if interpreter.in_environment:
        return _as_it_is(spec, tree, cache_dir, declared, interpreter, containment)
    key = entry_key(asdict(replace(spec, python=None)), tree, declared, interpreter)
    folder = cache_dir / "environments" / key
    kept = read_entry(folder)
    if kept:
        return Environment(**kept)
    with writing_to(folder):
        folder.parent.mkdir(parents=True, exist_ok=True)
    with exclusive(
        folder.with_suffix(".lock"),
        lambda: tell("waiting for another run that makes the same environment"),
    ):
        kept = read_entry(folder)
        if kept:
            return Environment(**kept)
        with writing_to(folder):
            shutil.rmtree(folder, ignore_errors=True)
            folder.mkdir()
            tell(f"making an environment with Python {interpreter.version}")
            environment = _make(spec, tree, folder, declared, interpreter, containment)
            for line in environment.left_out:
                tell(f"not installed: {line}")
            write_entry(asdict(environment), folder)
        return environment


def prepare_tree(
    env: Environment,
    tree: Path,
    *,
    rebuild: bool = False,
    containment: Containment = OPEN,
) -> None:
    """Make a fresh worktree runnable: copy in generated files, and compile what a patch changed.

    Args:
        env: The environment.
        tree: The worktree.
        rebuild: Whether to run the environment's build command, if it has one.
        containment: How that is contained; it may write to its tree alone.

    Raises:
        ToolError: The build fails with what the tree holds; the message has its last line.
        InfrastructureError: The disk is full.
    """
    with writing_to(tree):
        copy_files((env.source / name, tree / name) for name in env.generated)
    if rebuild and env.build:
        log = _beside_trees(tree, "build.log")
        installer = Installer(env.python.parent.parent, log, network=False)
        enclosure = containment.around(env, tree)
        result = installer.shell(env.build, tree / env.subdir, enclosure=enclosure)
        if not result.ok:
            raise ToolError(f"the build fails: {telling_line(result)}; log: {log}")


def _make(
    spec: EnvironmentSpec,
    tree: Path,
    folder: Path,
    declared: DeclaredMetadata,
    interpreter: Interpreter,
    containment: Containment,
) -> Environment:
    """Make an environment in its final folder, whose path an editable installation writes down."""
    source = folder / "source"
    project = source / spec.subdir
    shutil.copytree(tree, source, symlinks=True)
    if declared.version:
        # An unpacked sdist says its version in PKG-INFO, to which builds turn when git is not
        # there; the commit that holds it has no tag that they could find.
        _forget_git(source)
    before = list_files(source)
    log = folder / "install.log"
    installer = Installer(folder / "venv", log)
    installer.create(interpreter)
    left_out: tuple[str, ...] = ()
    if spec.install:
        run_install_commands(installer, project, spec.install)
    else:
        left_out = install_project(installer, project, declared, spec.extras)
    if spec.build:
        result = installer.shell(spec.build, project)
        if not result.ok:
            raise installer.failure(result, "--build failed", "correct the command")
    layout = _find_layout(installer.python, source, spec, declared, containment)
    if layout.unhidden and declared.installable and not spec.install:
        reinstall_regularly(installer, project, declared)
        layout = _find_layout(installer.python, source, spec, declared, containment)
    if layout.unhidden:
        raise UserError(
            f"the installation of {layout.unhidden[0]} puts itself before PYTHONPATH, so that no "
            "other worktree can be tried: give an --install that is not editable (no -e)"
        )
    copy_files(files_of_installation(layout.found_at, layout.import_roots, source))
    _forget_git(source)
    return Environment(
        key=folder.name,
        python=installer.python,
        version=interpreter.version,
        import_roots=layout.import_roots,
        packages=layout.packages,
        generated=made_since(source, before, subdir=spec.subdir),
        source=source,
        build=spec.build,
        log=log,
        subdir=spec.subdir,
        left_out=left_out,
    )


def _forget_git(source: Path) -> None:
    """Delete the copy's link to the repository of the run whose tree was copied."""
    link = source / ".git"
    if link.is_file():
        link.unlink()


def _as_it_is(
    spec: EnvironmentSpec,
    tree: Path,
    cache_dir: Path,
    declared: DeclaredMetadata,
    interpreter: Interpreter,
    containment: Containment,
) -> Environment:
    """Describe the user's own environment; only what it compiled is copied, into the cache.

    Raises:
        UserError: There are --install commands, or its installation wins over PYTHONPATH.
        InfrastructureError: The disk is full.
    """
    if spec.install:
        raise UserError(
            f"{interpreter.path} belongs to an environment, which is used as it is: drop "
            "--install, or give --python a version (and no --image) to have an environment made"
        )
    layout = _find_layout(interpreter.path, tree, spec, declared, containment)
    if layout.unhidden:
        raise UserError(
            f"{interpreter.path} has {layout.unhidden[0]} installed so that it comes before "
            "PYTHONPATH: install it there without -e, or let perfagent make an environment"
        )
    with _on_this_machine(layout.found_at, spec.image) as found_at:
        # Python sources are the tree's own business; of another version they would only confuse it.
        compiled = [
            (origin, place)
            for origin, place in files_of_installation(found_at, layout.import_roots, tree)
            if origin.name.endswith(NATIVE_SUFFIXES) or _VERSION_FILE.fullmatch(origin.name)
        ]
        places = [place.relative_to(tree).as_posix() for _, place in compiled]
        stamps = [
            (place, origin.stat().st_size, origin.stat().st_mtime_ns)
            for (origin, _), place in zip(compiled, places, strict=True)
        ]
        found = {name: str(path) for name, path in layout.found_at.items()}
        owner = [str(interpreter.path), spec.image, found]
        key = digest({"as it is": owner, "generated": stamps})
        folder = cache_dir / "environments" / key
        with writing_to(folder):
            folder.mkdir(parents=True, exist_ok=True)
            copy_files(
                (origin, folder / "source" / place)
                for (origin, _), place in zip(compiled, places, strict=True)
            )
    return Environment(
        key=key,
        python=interpreter.path,
        version=interpreter.version,
        import_roots=layout.import_roots,
        packages=layout.packages,
        generated=tuple(places),
        source=folder / "source",
        build=spec.build,
        log=folder / "install.log",
        subdir=spec.subdir,
        image=spec.image,
    )


@contextmanager
def _on_this_machine(
    found_at: Mapping[str, Path], image: str | None
) -> Iterator[Mapping[str, Path]]:
    """Give the paths of packages on this machine, those of an image copied out of it."""
    if image is None:
        yield found_at
        return
    with tempfile.TemporaryDirectory(prefix="perfagent-") as folder:
        yield {
            name: copied_out(image, path, Path(folder) / name) for name, path in found_at.items()
        }


def _find_layout(
    python: Path,
    source: Path,
    spec: EnvironmentSpec,
    declared: DeclaredMetadata,
    containment: Containment,
) -> Layout:
    return find_layout(
        python,
        target_variables(python),
        source,
        subdir=spec.subdir,
        declared_roots=declared.import_roots,
        distribution=declared.name,
        containment=containment,
    )


def _beside_trees(tree: Path, name: str) -> Path:
    """Return a path beside the folder that holds the trees of a run."""
    return tree.parent.with_name(f"{tree.parent.name}.{name}")
