"""The scratch tree: where one conversation tries its changes, and all that it changed so far."""

from __future__ import annotations

import difflib
import posixpath
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from pathlib import Path

from ...errors import InfrastructureError, ToolError
from ...repos.checkout import RunRepository
from ...repos.environment.environment import Environment, prepare_tree
from ...repos.environment.generated import NATIVE_SUFFIXES
from ...repos.sandbox.containment import Containment
from ..edits.edits import Edit, apply_edits, read_text, write_texts
from ..edits.paths import locate, relative_path
from ..edits.syntax import check_syntax
from ..honesty.scope import Scope

_Texts = dict[str, str]


class Scratch:
    """A tree of the best version so far that may be changed and run, but is nobody's source.

    What counts as changed is what `edit` changed. Code that runs here may write files: `running`
    undoes that, so that nothing but the edits is ever measured or proposed.

    Args:
        lay_out: Makes the tree anew (checked out and built) and returns its path.
        repository: The repository whose worktree it is.
        environment: Where its code runs.
        scope: What may be changed.
        containment: How its build is contained.
    """

    def __init__(
        self,
        lay_out: Callable[[], Path],
        repository: RunRepository,
        environment: Environment,
        scope: Scope,
        containment: Containment,
    ) -> None:
        self._lay_out = lay_out
        self._repository = repository
        self._environment = environment
        self._scope = scope
        self._containment = containment
        self.tree = lay_out()
        self._steps: list[_Texts] = []
        """The edited files' texts after each edit; the last one is how they are now."""
        self._originals: dict[str, str | None] = {}
        # The patch of the best version is not committed, so its files differ from the start.
        self._found = repository.differing(self.tree)
        self._kept = {path: self._bytes(path) for path in self._found if not self._is_built(path)}
        self._must_build = False

    def edit(self, edits: Sequence[Edit]) -> list[str]:
        """Carry out edits, all of them or none; return the paths that they change.

        Raises:
            ToolError: As `apply_edits`; a file is out of scope; or one no longer parses.
        """
        for each in edits:
            path = relative_path(each.path)
            is_new = not locate(self.tree, path).exists()
            if (reason := self._scope.refuses(path, is_new=is_new)) is not None:
                raise ToolError(
                    f"{path} {reason}, so a patch may not change it; change the code that it uses"
                )
        changed = apply_edits(self.tree, edits)
        before = {path: self._text(path) for path in changed}
        for path, text in changed.items():
            check_syntax(path, text, before[path])
        write_texts(self.tree, changed)
        for path in changed:
            self._originals.setdefault(path, before[path])
        self._steps.append({**self._now, **changed})
        self._must_build = True
        return list(changed)

    def undo(self, *, everything: bool = False) -> list[str]:
        """Take back the last edit, or all of them; return the paths that change by that.

        Raises:
            ToolError: There is no edit to take back.
        """
        if not self._steps:
            raise ToolError("there is no edit to undo: the scratch tree is the best version so far")
        before = self._now
        del self._steps[0 if everything else -1 :]
        after = self._now
        paths = [path for path in before if before[path] != after.get(path, "\0")]
        for path in paths:
            self._write(path, after.get(path, self._originals[path]))
        self._must_build = True
        return paths

    def sources(self) -> Mapping[str, str]:
        """Return the new text of each file that the edits made so far change."""
        return {path: text for path, text in self._now.items() if text != self._originals[path]}

    def original(self, path: str) -> str | None:
        """Return the text that a changed file has in the best version; None for a new file."""
        return self._originals[path]

    def diff(self) -> str:
        """Return what the edits change, as a unified diff; "" for nothing."""
        parts: list[str] = []
        for path, text in sorted(self.sources().items()):
            old = (self._originals[path] or "").splitlines(keepends=True)
            lines = difflib.unified_diff(
                old, text.splitlines(keepends=True), f"a/{path}", f"b/{path}"
            )
            parts += [line if line.endswith("\n") else f"{line}\n" for line in lines]
        return "".join(parts)

    def changed_lines(self) -> dict[str, list[int]]:
        """Return for each changed file the lines of its new text that are new or follow a gap."""
        found: dict[str, list[int]] = {}
        for path, text in sorted(self.sources().items()):
            old, new = (self._originals[path] or "").splitlines(), text.splitlines()
            matcher = difflib.SequenceMatcher(None, old, new, autojunk=False)
            lines: set[int] = set()
            for verb, _, _, first, end in matcher.get_opcodes():
                if verb != "equal":
                    lines |= set(range(first + 1, end + 1)) or {min(first + 1, max(len(new), 1))}
            found[path] = sorted(lines)
        return found

    @contextmanager
    def running(self) -> Iterator[list[str]]:
        """Have the tree ready to run for the block, and as it was after it.

        Yields:
            A list that holds, after the block, the paths that the code which ran had changed and
            that were put back.

        Raises:
            ToolError: The build fails with the edits.
            InfrastructureError: The tree cannot be put back.
        """
        if self._must_build and self._environment.build:
            prepare_tree(self._environment, self.tree, rebuild=True, containment=self._containment)
        self._must_build = False
        touched: list[str] = []
        try:
            yield touched
        finally:
            touched += self._put_back()

    def close(self) -> None:
        """Delete the tree."""
        self._repository.remove(self.tree.name)

    @property
    def _now(self) -> _Texts:
        return self._steps[-1] if self._steps else {}

    def _text(self, path: str) -> str | None:
        file = locate(self.tree, path)
        return read_text(file) if file.exists() else None

    def _write(self, path: str, text: str | None) -> None:
        if text is None:
            locate(self.tree, path).unlink(missing_ok=True)
        else:
            write_texts(self.tree, {path: text})

    def _bytes(self, path: str) -> bytes | None:
        file = self.tree / path
        return None if file.is_symlink() or not file.is_file() else file.read_bytes()

    def _is_built(self, path: str) -> bool:
        made = self._environment.generated
        return path.endswith(tuple(NATIVE_SUFFIXES)) or any(
            path == each or path.startswith(f"{each}/") for each in made
        )

    def _put_back(self) -> list[str]:
        """Undo what running code did to files; return their paths."""
        try:
            differing = self._repository.differing(self.tree)
            strange = [
                path
                for path in differing
                if not (path in self._now or path in self._found or self._is_built(path))
            ]
            for path in strange:
                if not differing[path]:
                    (self.tree / path).unlink(missing_ok=True)
            known = [path for path in strange if differing[path]]
            if known:
                self._repository.put_back(self.tree, known)
            return sorted([*strange, *self._rewritten()])
        except (ToolError, InfrastructureError, OSError):
            # A folder that became a link, for example: nothing of such a tree is kept.
            self.tree = self._lay_out()
            self._must_build = True
            return sorted(self._rewritten()) or ["(all of the tree)"]

    def _rewritten(self) -> list[str]:
        """Write the files that must differ from the commit, where they are not as they must be."""
        paths: list[str] = []
        for path, content in self._kept.items():
            if path not in self._now and content is not None and self._bytes(path) != content:
                place = locate(self.tree, path)
                place.parent.mkdir(parents=True, exist_ok=True)
                place.write_bytes(content)
                paths.append(path)
        for path, text in {**self._originals, **self._now}.items():
            if self._text_or_none(path) != text:
                self._write(path, text)
                paths.append(path)
        return paths

    def _text_or_none(self, path: str) -> str | None:
        try:
            return self._text(path)
        except ToolError:
            # No text any more, or no file: it is written anew.
            file = self.tree / posixpath.normpath(path)
            if file.is_symlink() or file.is_file():
                file.unlink()
            return None
