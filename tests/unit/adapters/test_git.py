import os
import subprocess
from collections.abc import Callable
from datetime import timedelta
from pathlib import Path

import pytest

from reconciler.adapters.git import GitRevisionSource
from reconciler.domain.desired import Revision

DIGEST = "sha256:0"


@pytest.fixture(autouse=True)
def only_our_git(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    """Whoever runs the tests has settings of their own, and may run them from a git hook."""
    for name in list(os.environ):
        if name.startswith("GIT_"):
            monkeypatch.delenv(name)
    monkeypatch.setenv("GIT_CONFIG_GLOBAL", os.devnull)
    monkeypatch.setenv("GIT_CONFIG_SYSTEM", os.devnull)
    monkeypatch.setenv("GIT_CEILING_DIRECTORIES", str(tmp_path.parent))


def git(directory: Path, *arguments: str) -> str:
    identity = ("-c", "user.name=a test", "-c", "user.email=test@example.invalid", "-c", "commit.gpgsign=false")
    done = subprocess.run(
        ["git", "-C", str(directory), *identity, *arguments], check=True, capture_output=True, text=True
    )
    return done.stdout.strip()


@pytest.fixture
def repository(tmp_path: Path) -> Path:
    """A repository with one manifest and one other file, all committed."""
    root = tmp_path / "repository"
    (root / "desired-state").mkdir(parents=True)
    (root / "desired-state" / "portfolio.yaml").write_text("kind: Portfolio\n")
    (root / "README.md").write_text("# Portfolio\n")
    git(root, "init", "--quiet")
    git(root, "add", ".")
    git(root, "commit", "--quiet", "-m", "Begin")
    return root


def revision_of(directory: Path) -> Revision:
    return GitRevisionSource(directory).revision(DIGEST)


def head(repository: Path) -> str:
    return git(repository, "rev-parse", "HEAD")


def test_what_is_committed_is_clean(repository: Path) -> None:
    assert revision_of(repository / "desired-state") == Revision(head(repository), dirty=False, manifests=DIGEST)


def change(state: Path) -> None:
    (state / "portfolio.yaml").write_text("kind: Portfolio # changed\n")


def change_and_stage(state: Path) -> None:
    change(state)
    git(state, "add", "portfolio.yaml")


def stage_and_undo(state: Path) -> None:
    before = (state / "portfolio.yaml").read_text()
    change_and_stage(state)
    (state / "portfolio.yaml").write_text(before)


def add_untracked(state: Path) -> None:
    (state / "limits.yaml").write_text("kind: RiskLimits\n")


def add_untracked_in_a_new_directory(state: Path) -> None:
    (state / "more").mkdir()
    add_untracked(state / "more")


def add_ignored(state: Path) -> None:
    (state.parent / ".git" / "info" / "exclude").write_text("limits.yaml\n")
    add_untracked(state)


def add_ignored_weights(state: Path) -> None:
    (state.parent / ".git" / "info" / "exclude").write_text("*.csv\n")
    (state / "core.csv").write_text("symbol,weight\nMSFT,1\n")


def add_in_an_ignored_directory(state: Path) -> None:
    (state.parent / ".git" / "info" / "exclude").write_text("more/\n")
    add_untracked_in_a_new_directory(state)


def remove(state: Path) -> None:
    (state / "portfolio.yaml").unlink()


def rename(state: Path) -> None:
    git(state, "mv", "portfolio.yaml", "core.yaml")


def stop_tracking(state: Path) -> None:
    git(state, "rm", "--quiet", "--cached", "portfolio.yaml")


@pytest.mark.parametrize(
    "act",
    [
        change,
        change_and_stage,
        stage_and_undo,
        add_untracked,
        add_untracked_in_a_new_directory,
        add_ignored,
        add_ignored_weights,
        add_in_an_ignored_directory,
        remove,
        rename,
        stop_tracking,
    ],
)
def test_what_differs_from_the_commit_is_dirty(repository: Path, act: Callable[[Path], None]) -> None:
    act(repository / "desired-state")
    assert revision_of(repository / "desired-state") == Revision(head(repository), dirty=True, manifests=DIGEST)


def touch(root: Path) -> None:
    (root / "desired-state" / "portfolio.yaml").touch()


def change_elsewhere(root: Path) -> None:
    (root / "README.md").write_text("# changed\n")
    (root / "notes.yaml").write_text("")


def add_an_ignored_file_of_the_editor(root: Path) -> None:
    (root / ".git" / "info" / "exclude").write_text("*.swp\n")
    (root / "desired-state" / ".portfolio.yaml.swp").write_text("")


@pytest.mark.parametrize("act", [touch, change_elsewhere, add_an_ignored_file_of_the_editor])
def test_what_is_not_about_the_manifests_is_not_dirty(repository: Path, act: Callable[[Path], None]) -> None:
    act(repository)
    assert not revision_of(repository / "desired-state").dirty


def test_the_root_may_be_the_directory(repository: Path) -> None:
    assert revision_of(repository) == Revision(head(repository), dirty=False, manifests=DIGEST)


def test_outside_of_a_repository_there_is_no_commit(tmp_path: Path) -> None:
    assert revision_of(tmp_path) == Revision(None, dirty=False, manifests=DIGEST)


UNSURE = Revision(None, dirty=True, manifests=DIGEST)


def test_a_repository_without_commits_has_none(tmp_path: Path) -> None:
    git(tmp_path, "init", "--quiet")
    assert revision_of(tmp_path) == UNSURE


def test_a_bare_repository_has_no_manifests(repository: Path, tmp_path: Path) -> None:
    git(tmp_path, "clone", "--quiet", "--bare", str(repository), "bare")
    assert revision_of(tmp_path / "bare") == UNSURE


def test_a_shallow_clone_has_its_commit(repository: Path, tmp_path: Path) -> None:
    git(repository, "commit", "--quiet", "--allow-empty", "-m", "Go on")
    git(tmp_path, "clone", "--quiet", "--depth", "1", f"file://{repository}", "shallow")
    assert revision_of(tmp_path / "shallow" / "desired-state") == Revision(head(repository), False, DIGEST)


def test_a_detached_head_has_its_commit(repository: Path) -> None:
    git(repository, "checkout", "--quiet", "--detach")
    assert revision_of(repository).commit == head(repository)


def test_a_repository_of_somebody_else_is_unsure(repository: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("GIT_TEST_ASSUME_DIFFERENT_OWNER", "1")
    assert revision_of(repository) == UNSURE


def test_a_broken_repository_is_unsure(repository: Path) -> None:
    (repository / ".git" / "index").write_bytes(b"not an index")
    assert revision_of(repository) == UNSURE


def test_a_lost_git_directory_is_unsure(repository: Path) -> None:
    (repository / "desired-state" / ".git").write_text("gitdir: /nowhere/at/all\n")
    assert revision_of(repository / "desired-state") == UNSURE


def test_a_directory_that_is_not_there_is_unsure(tmp_path: Path) -> None:
    assert revision_of(tmp_path / "nowhere") == UNSURE


def test_without_git_it_is_unsure(repository: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PATH", "/nonexistent")
    assert revision_of(repository) == UNSURE


def test_a_git_that_hangs_is_unsure(repository: Path, monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    stand_in = tmp_path / "bin" / "git"
    stand_in.parent.mkdir()
    stand_in.write_text("#!/bin/sh\nexec sleep 60\n")
    stand_in.chmod(0o755)
    monkeypatch.setenv("PATH", f"{stand_in.parent}:{os.environ['PATH']}")
    assert GitRevisionSource(repository, timeout=timedelta(milliseconds=50)).revision(DIGEST) == UNSURE


def test_a_hooks_environment_leads_nowhere_else(
    repository: Path, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    git(tmp_path, "init", "--quiet", "other")
    monkeypatch.setenv("GIT_DIR", str(tmp_path / "other" / ".git"))
    monkeypatch.setenv("GIT_INDEX_FILE", str(tmp_path / "other" / ".git" / "index"))
    found = revision_of(repository / "desired-state")
    monkeypatch.undo()
    assert found == Revision(head(repository), dirty=False, manifests=DIGEST)


def test_reading_starts_no_program_of_the_repositorys(repository: Path, tmp_path: Path) -> None:
    program, trace = tmp_path / "monitor", tmp_path / "it-ran"
    program.write_text(f"#!/bin/sh\ntouch {trace}\n")
    program.chmod(0o755)
    git(repository, "config", "core.fsmonitor", str(program))
    assert revision_of(repository).commit is not None
    assert not trace.exists()
