"""A run's own bare repository, and the worktrees in which its candidates live.

It borrows the mirror's objects, so making it costs nothing, and deleting the run's folder removes
all of it. A sealed one has objects of its own, and of the commit's past only what is near: what
came after it, such as an expert's commit, is not to be found there. What it says about a worktree
is kept beside the worktree, where the code under test does not look.
"""

from __future__ import annotations

import os
import re
import shutil
import stat
import tempfile
import threading
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from pathlib import Path, PurePosixPath

from ..errors import InfrastructureError, ToolError
from .disk import writing_to
from .git import AS_THEY_ARE, GitError, git, git_succeeds, remove_stale_locks
from .locks import shared, wait_until_free
from .patch import Patch

_ORPHANS_WITHIN_S = 120.0
# git reads every worktree's entry to add one, and fails on an entry that comes or goes meanwhile.
_registering = threading.Lock()
# What running code leaves behind, also in repositories that do not ignore it.
_LITTER = (
    "__pycache__/",
    "*.py[co]",
    ".pytest_cache/",
    ".hypothesis/",
    ".benchmarks/",
    ".coverage",
    ".coverage.*",
    ".perfagent/",
)
# What `git ls-tree` may list besides files and folders, by its mode.
_NO_FILES = {"120000": "a symbolic link", "160000": "a submodule"}
_MOST_ARGUMENTS = 2000
_MOST_HISTORY = 300
_DIFF = (
    *("diff", "--cached", "--no-color", "--no-ext-diff", "--no-textconv", "-M", "--unified=3"),
    *("--src-prefix=a/", "--dst-prefix=b/", "--diff-algorithm=histogram", "--full-index"),
)


class RunRepository:
    """A bare repository at `directory`/repo.git with worktrees at `directory`/trees."""

    def __init__(self, directory: Path) -> None:
        self.directory = directory.absolute()
        self.git_dir = self.directory / "repo.git"
        self.trees = self.directory / "trees"
        self._finished = self.git_dir / "perfagent-trees"
        self._lock = self.git_dir / "perfagent-lock"
        self._past: dict[str, str] = {}

    @classmethod
    def create(
        cls, directory: Path, mirror: Path, commits: Sequence[str], *, sealed: bool = False
    ) -> RunRepository:
        """Make the repository, or open it when a killed run left one.

        Args:
            directory: A folder of the run's own; made when missing.
            mirror: The bare repository whose objects it borrows; never written.
            commits: The commits it must have, 40 hexadecimal digits each.
            sealed: Whether it holds nothing but these and their past back to the last tag (none of
                it when that is over 300 commits ago), so that nobody who reads it learns what came
                later. What `ask` answers is nevertheless told from all of the past.

        Raises:
            UserError: `directory` cannot be written.
            InfrastructureError: The disk is full, or the mirror lacks a commit.
        """
        repo = cls(directory)
        with writing_to(repo.directory):
            repo.trees.mkdir(parents=True, exist_ok=True)
            if not repo.git_dir.exists():
                repo._initialize()
            # The git of a killed run may still be at work.
            wait_until_free(repo._lock, _ORPHANS_WITHIN_S)
            remove_stale_locks(repo.git_dir)
            if sealed:
                repo._take_copies(mirror.absolute(), commits)
                return repo
            _write_atomically(
                repo.git_dir / "objects" / "info" / "alternates",
                os.fsencode(mirror.absolute() / "objects") + b"\n",
            )
            if (mirror / "shallow").exists():
                shutil.copyfile(mirror / "shallow", repo.git_dir / "shallow")
        missing = [commit for commit in commits if not repo.has(commit)]
        if missing:
            raise InfrastructureError(f"the mirror {mirror} lacks {missing[0]}; delete it")
        repo._take_refs(mirror, commits)
        return repo

    def has(self, commit: str) -> bool:
        """Return whether the commit is here."""
        return git_succeeds(self.git_dir, "cat-file", "-e", f"{commit}^{{commit}}")

    def checkout(self, name: str, commit: str, patch: Patch | None = None) -> Path:
        """Return a worktree of the commit with the patch applied, not committed.

        A finished one of the same name, commit and patch is returned as it stands (so a resumed
        run finds its builds); any other of that name is made anew.

        Raises:
            ToolError: The patch does not apply, or changes a symbolic link or a submodule; no
                worktree is left.
            InfrastructureError: The disk is full.
        """
        tree, mark = self._tree(name), f"{commit} {patch.sha256 if patch else '-'}\n"
        if self._mark(name) == mark and tree.is_dir():
            return tree
        self.remove(name)
        try:
            self._fill(tree, commit, patch)
        except (GitError, ToolError):
            self.remove(name)
            raise
        with writing_to(self.directory):
            self._finished.mkdir(exist_ok=True)
            _write_atomically(self._finished / name, mark.encode())
        return tree

    def _fill(self, tree: Path, commit: str, patch: Patch | None) -> None:
        at = self._at(tree)
        with shared(self._lock) as lock:
            with _registering:
                add = ("worktree", "add", "--quiet", "--detach", "--no-checkout", str(tree), commit)
                git(self.git_dir, *add, holding=lock)
            git(tree, *at, "reset", "--quiet", "--hard", holding=lock)
            if patch is None or patch.is_empty:
                return
            self._refuse_what_is_no_file(commit, patch)
            apply = ("apply", "--whitespace=nowarn", "-")
            try:
                git(tree, *at, *apply, stdin=patch.as_bytes, holding=lock)
            except GitError as error:
                raise _refusal(error, "the patch does not apply") from error

    def _refuse_what_is_no_file(self, commit: str, patch: Patch) -> None:
        """Refuse a patch of what is no regular file in the commit.

        To git the target of a symbolic link, and a submodule's commit, are text like any other,
        which a diff that tells no mode may change.

        Raises:
            ToolError: It is refused.
        """
        places = {
            str(place)
            for path in map(PurePosixPath, patch.files)
            for place in (path, *path.parents)
            if place.parts
        }
        for some in _chunks(sorted(places), _MOST_ARGUMENTS):
            listing = ("--literal-pathspecs", "ls-tree", "-z", "--full-tree", commit, "--", *some)
            for entry in filter(None, git(self.git_dir, *listing).split("\0")):
                mode, path = entry.partition(" ")[0], entry.partition("\t")[2]
                if mode in _NO_FILES:
                    raise ToolError(f"{path} is {_NO_FILES[mode]}: a patch cannot change it")

    def remove(self, name: str) -> None:
        """Delete a worktree; there need not be one."""
        tree = self._tree(name)
        with writing_to(self.directory):
            (self._finished / name).unlink(missing_ok=True)
            _delete(tree)
            with _registering:
                _delete(self.git_dir / "worktrees" / name)

    def prune(self) -> None:
        """Delete every worktree that a kill left half-made."""
        registered = self.git_dir / "worktrees"
        names = {path.name for folder in (self.trees, registered) for path in _children(folder)}
        for name in sorted(names):
            if self._mark(name) is None or not (self.trees / name).is_dir():
                self.remove(name)
        for leftover in (
            *self.git_dir.glob("perfagent-index-*"),
            *self.directory.glob("repo-*"),
        ):
            _delete(leftover)

    def diff(self, tree: Path, base_commit: str, *, generated: Sequence[str] = ()) -> Patch:
        """Return what a worktree holds that the commit does not.

        Args:
            tree: A path that `checkout` returned.
            base_commit: The commit to compare with.
            generated: Repository-relative paths of files or folders that were made by an install
                or a build and do not count. Ignored files and Python's own litter never count.

        Raises:
            ToolError: The tree holds a change that no patch may make (see `Patch.parse`).
        """
        at = self._at(tree)
        # The worktree's index knows which files are unchanged, so that they need not be read.
        index = self.git_dir / "worktrees" / tree.name / "index"
        with self._scratch_index(index) as env:
            if not index.is_file():
                git(tree, *at, "read-tree", base_commit, env=env)
            # A submodule that the code under test made a repository of has a configuration of its
            # own, which git would obey to learn whether anything changed there.
            left_out = [*generated, *self._submodules(tree, env)]
            paths = [".", *(f":(exclude,literal){path}" for path in left_out)]
            git(
                tree,
                *("-c", "core.fileMode=false", *at),
                *("add", "--all", "--pathspec-from-file=-", "--pathspec-file-nul"),
                stdin=b"\0".join(os.fsencode(path) for path in paths),
                env=env,
            )
            text = git(tree, *at, *_DIFF, base_commit, env=env)
        return Patch.parse(text, base_commit)

    def ask(self, tree: Path, *words: str, timeout_s: float = 20.0) -> str:
        """Return what a git command that only reads says of a worktree.

        Args:
            tree: A path that `checkout` returned.
            words: The subcommand and its arguments.
            timeout_s: Seconds after which it is killed.

        Raises:
            GitError: It failed or took too long.
        """
        return git(tree, *self._at(tree), *words, timeout_s=timeout_s, env=self._past)

    def differing(self, tree: Path) -> dict[str, bool]:
        """Return the paths at which a worktree differs from its commit, ignored files left out.

        Args:
            tree: A path that `checkout` returned.

        Returns:
            For each path whether the commit has it; False: it is a new file.
        """
        # A submodule that running code made has a configuration of its own, which git would obey.
        words = ("status", "--porcelain", "-z", "--untracked-files=all", "--no-renames")
        words = (*words, "--ignore-submodules=all")
        entries = self.ask(tree, *words, timeout_s=120.0).split("\0")
        return {entry[3:]: not entry.startswith("??") for entry in entries if entry}

    def put_back(self, tree: Path, paths: Sequence[str]) -> None:
        """Give files of a worktree the text that its commit has.

        Raises:
            GitError: The commit has no such file.
        """
        names = b"\0".join(os.fsencode(f":(literal){path}") for path in paths)
        words = ("checkout", "--quiet", "HEAD", "--pathspec-from-file=-", "--pathspec-file-nul")
        git(tree, *self._at(tree), *words, stdin=names)

    def _submodules(self, tree: Path, env: Mapping[str, str]) -> list[str]:
        staged = git(tree, *self._at(tree), "ls-files", "--stage", "-z", env=env).split("\0")
        return [entry.partition("\t")[2] for entry in staged if entry.startswith("160000 ")]

    def merge(
        self, base_commit: str, patches: Sequence[Patch], *, common: Patch | None = None
    ) -> Patch:
        """Apply patches against the same commit in order, three-way, and return them as one.

        Args:
            base_commit: The commit.
            patches: Each against the commit.
            common: A patch that all of them were made on top of and contain; None for none.

        Raises:
            ToolError: One does not apply, or two change the same lines in different ways.
        """
        begin = self.tree_with(base_commit, common) if common else base_commit
        steps = [self._with_blobs(base_commit, patch, begin) for patch in patches]
        with self._scratch_index() as env:
            git(self.git_dir, "read-tree", begin, env=env)
            for number, step in enumerate(steps):
                try:
                    args = ("apply", "--cached", "--3way", "--whitespace=nowarn", "-")
                    git(self.git_dir, *args, stdin=step, env=env)
                except GitError as error:
                    raise _refusal(
                        error, f"patch {number + 1} conflicts with those before it"
                    ) from error
            return Patch.parse(git(self.git_dir, *_DIFF, base_commit, env=env), base_commit)

    def _with_blobs(self, base_commit: str, patch: Patch, begin: str) -> bytes:
        """Return what a patch changes of the tree or commit `begin`, as a diff.

        It has the ids of both sides' blobs, which a three-way merge needs.
        """
        with self._patched_index(base_commit, patch) as env:
            diff = git(self.git_dir, *_DIFF, begin, env=env)
        return diff.encode("utf-8", "surrogateescape")

    def tree_with(self, base_commit: str, patch: Patch) -> str:
        """Return the id of the tree that a patch makes of the commit.

        Raises:
            ToolError: It does not apply, or changes a symbolic link or a submodule.
        """
        with self._patched_index(base_commit, patch) as env:
            return git(self.git_dir, "write-tree", env=env).strip()

    @contextmanager
    def _patched_index(self, base_commit: str, patch: Patch) -> Iterator[dict[str, str]]:
        self._refuse_what_is_no_file(base_commit, patch)
        with self._scratch_index() as env:
            git(self.git_dir, "read-tree", base_commit, env=env)
            try:
                args = ("apply", "--cached", "--whitespace=nowarn", "-")
                git(self.git_dir, *args, stdin=patch.as_bytes, env=env)
            except GitError as error:
                raise _refusal(error, "the patch does not apply") from error
            yield env

    def _initialize(self) -> None:
        with tempfile.TemporaryDirectory(dir=self.directory, prefix="repo-") as folder:
            made = Path(folder) / "repo.git"
            git(self.directory, "init", "--quiet", "--bare", "--template=", str(made))
            (made / "info").mkdir(exist_ok=True)
            (made / "info" / "exclude").write_text("\n".join(_LITTER) + "\n", encoding="utf-8")
            # A conversion on checkout would show as a change that nobody made.
            (made / "info" / "attributes").write_text(AS_THEY_ARE, encoding="utf-8")
            made.replace(self.git_dir)

    def _take_refs(self, mirror: Path, commits: Sequence[str]) -> None:
        """Name the commits, and the mirror's tags, from which many builds take their version."""
        tags = git(mirror, "for-each-ref", "--format=update %(refname) %(objectname)", "refs/tags")
        names = "".join(f"update refs/perfagent/{commit} {commit}\n" for commit in commits)
        git(self.git_dir, "update-ref", "--stdin", stdin=(tags + names).encode())
        git(self.git_dir, "pack-refs", "--all")

    def _take_copies(self, mirror: Path, commits: Sequence[str]) -> None:
        """Fetch the commits with their past back to the last tag, and that tag."""
        shallow = mirror / "shallow"
        self._past = {
            "GIT_ALTERNATE_OBJECT_DIRECTORIES": str(mirror / "objects"),
            "GIT_SHALLOW_FILE": str(shallow) if shallow.exists() else os.devnull,
        }
        fetch = ("-c", "protocol.version=2", "fetch", "--quiet", "--no-tags", "--depth")
        for commit in commits:
            if self.has(commit):
                continue
            if not git_succeeds(mirror, "cat-file", "-e", f"{commit}^{{commit}}"):
                raise InfrastructureError(f"the mirror {mirror} lacks {commit}; delete it")
            tag, depth = _last_tag(mirror, commit)
            named = f"{commit}:refs/perfagent/{commit}"
            git(self.git_dir, *fetch, str(depth), mirror.as_uri(), named)
            if tag:
                named = f"refs/tags/{tag}:refs/tags/{tag}"
                git(self.git_dir, *fetch, "1", mirror.as_uri(), named)

    def _tree(self, name: str) -> Path:
        if not re.fullmatch(r"[A-Za-z0-9_][A-Za-z0-9_.-]*", name):
            raise ValueError(f"not a worktree's name: {name!r}")
        return self.trees / name

    def _at(self, tree: Path) -> tuple[str, str]:
        """Return git's options for a worktree; its own `.git` file may have been tampered with."""
        self._tree(tree.name)
        return f"--git-dir={self.git_dir / 'worktrees' / tree.name}", f"--work-tree={tree}"

    def _mark(self, name: str) -> str | None:
        """Return what a finished worktree was made of; None when it was never finished."""
        try:
            return (self._finished / name).read_text(encoding="utf-8")
        except FileNotFoundError:
            return None

    @contextmanager
    def _scratch_index(self, source: Path | None = None) -> Iterator[dict[str, str]]:
        with (
            writing_to(self.directory),
            tempfile.TemporaryDirectory(dir=self.git_dir, prefix="perfagent-index-") as folder,
        ):
            index = Path(folder) / "index"
            if source and source.is_file():
                # With its time: by that git knows for which files size and time do not tell
                # whether they changed since, and reads those.
                shutil.copy2(source, index)
            yield {"GIT_INDEX_FILE": str(index)}


def _last_tag(mirror: Path, commit: str) -> tuple[str | None, int]:
    """Return the last tag before a commit, from which many builds take their version, and how deep.

    Where there is none within reach, the commit alone has to do.
    """
    try:
        tag = git(mirror, "describe", "--tags", "--abbrev=0", commit).strip()
    except GitError:
        return None, 1
    between = git(mirror, "rev-list", "--count", "--first-parent", f"refs/tags/{tag}..{commit}")
    depth = int(between) + 1
    return (tag, depth) if depth <= _MOST_HISTORY else (None, 1)


def _refusal(error: GitError, what: str) -> ToolError | GitError:
    """Return the error for a patch that git refused, unless it was the machine that failed."""
    if "the disk is full" in str(error) or error.stderr.startswith("Timeout:"):
        return error
    lines = [
        line.removeprefix("error: ").removeprefix("fatal: ")
        for line in error.stderr.splitlines()
        if line.startswith(("error: ", "fatal: ")) or line.endswith("with conflicts.")
    ]
    return ToolError(f"{what}: {'; '.join(lines[:3]) or error}")


def _write_atomically(path: Path, content: bytes) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    with tempfile.NamedTemporaryFile(dir=path.parent, delete=False) as file:
        file.write(content)
    Path(file.name).replace(path)


def _chunks(items: Sequence[str], size: int) -> Iterator[Sequence[str]]:
    for start in range(0, len(items), size):
        yield items[start : start + size]


def _children(folder: Path) -> list[Path]:
    return list(folder.iterdir()) if folder.is_dir() else []


def _delete(path: Path) -> None:
    """Delete a file, link or folder, also one whose permissions the code under test changed."""
    if path.is_symlink() or path.is_file():
        path.unlink()
        return
    if not path.exists():
        return
    try:
        shutil.rmtree(path)
    except PermissionError:
        for folder, _, _ in os.walk(path):
            Path(folder).chmod(stat.S_IRWXU)
        shutil.rmtree(path)
