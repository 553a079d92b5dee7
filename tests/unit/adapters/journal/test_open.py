import sqlite3
import stat
import subprocess
import sys
from pathlib import Path

import pytest
from alembic.autogenerate import compare_metadata
from alembic.config import Config
from alembic.migration import MigrationContext
from alembic.script import ScriptDirectory
from sqlalchemy import create_engine

from reconciler.adapters.journal import migrate, migrations
from reconciler.adapters.journal.open import APPLICATION_ID, open_journal
from reconciler.adapters.journal.tables import metadata
from reconciler.domain.errors import Refused
from reconciler.domain.ids import RunId
from tests.unit.adapters.journal.records import NOW, ONE_OF_EACH, a_run

RUN = RunId("run-1")


@pytest.fixture
def path(tmp_path: Path) -> Path:
    """A journal that was used and closed."""
    path = tmp_path / "state" / "journal.sqlite3"
    journal = open_journal(path)
    journal.begin_run(a_run())
    journal.close()
    return path


def test_it_is_its_owners_alone(path: Path) -> None:
    journal = open_journal(path)
    journal.record_reports(RUN, ONE_OF_EACH, NOW)
    modes = {each.name: stat.S_IMODE(each.stat().st_mode) for each in path.parent.iterdir()}
    journal.close()
    assert modes == dict.fromkeys([path.name, f"{path.name}-wal", f"{path.name}-shm"], 0o600)
    assert stat.S_IMODE(path.parent.stat().st_mode) == 0o700


def test_it_is_found_again(path: Path) -> None:
    journal = open_journal(path)
    assert journal.run(RUN) == a_run()
    journal.close()


def test_what_a_killed_maker_left_is_in_nobodys_way(tmp_path: Path) -> None:
    path = tmp_path / "journal.sqlite3"
    tmp_path.joinpath(f".{path.name}-left").write_bytes(b"SQLite format 3\0 and half a page")
    journal = open_journal(path)
    assert journal.runs() == ()
    journal.close()


def test_two_may_have_it_open_and_see_each_others_writes(path: Path) -> None:
    one, other = open_journal(path), open_journal(path)
    one.record_reports(RUN, ONE_OF_EACH, NOW)
    assert other.reports(RUN) == ONE_OF_EACH
    one.close()
    other.close()


@pytest.mark.parametrize("content", [b"", b"kind: Portfolio\n", b"SQLite format 2\0" * 10])
def test_a_file_that_is_no_database_is_refused_and_left_alone(tmp_path: Path, content: bytes) -> None:
    path = tmp_path / "journal.sqlite3"
    path.write_bytes(content)
    with pytest.raises(Refused, match="is not a journal, or is damaged"):
        open_journal(path)
    assert path.read_bytes() == content


def test_a_log_without_its_journal_is_refused_and_left_alone(tmp_path: Path) -> None:
    log = tmp_path / "journal.sqlite3-wal"
    log.write_bytes(b"what was committed last")
    with pytest.raises(Refused, match=r"journal\.sqlite3-wal has lost its journal"):
        open_journal(tmp_path / "journal.sqlite3")
    assert list(tmp_path.iterdir()) == [log]


def test_another_programs_database_is_refused_and_left_alone(tmp_path: Path) -> None:
    path = tmp_path / "journal.sqlite3"
    foreign = sqlite3.connect(path)
    foreign.execute("CREATE TABLE runs (miles REAL)")
    foreign.close()
    before = path.read_bytes()
    with pytest.raises(Refused, match="another program's database"):
        open_journal(path)
    assert path.read_bytes() == before
    assert list(tmp_path.iterdir()) == [path]


def test_a_newer_schema_is_refused(path: Path) -> None:
    newer = sqlite3.connect(path)
    with newer:
        newer.execute("UPDATE alembic_version SET version_num = '0999'")
    newer.close()
    with pytest.raises(Refused, match=r"newer folioctl \(schema 0999, this one knows 0002\)"):
        open_journal(path)


def test_the_first_schema_is_upgraded_and_keeps_its_runs(path: Path) -> None:
    older = sqlite3.connect(path)
    with older:
        older.execute("DROP TABLE halts")
        older.execute("UPDATE alembic_version SET version_num = '0001'")
    older.close()
    journal = open_journal(path)
    assert journal.run(RUN) == a_run()
    assert journal.halts() == ()
    journal.close()


def test_a_truncated_file_is_refused(path: Path) -> None:
    path.write_bytes(path.read_bytes()[:4096])
    with pytest.raises(Refused, match="cannot be opened"):
        open_journal(path)


@pytest.mark.parametrize("page", range(1, 13))
def test_a_damaged_page_is_refused(path: Path, page: int) -> None:
    content = bytearray(path.read_bytes())
    content[page * 4096 : (page + 1) * 4096] = b"\xa5" * 4096
    path.write_bytes(content)
    with pytest.raises(Refused, match=r"is damaged \(.*\): restore it|cannot be opened"):
        open_journal(path)


def test_a_place_where_nothing_can_be_made_is_refused(tmp_path: Path) -> None:
    tmp_path.joinpath("file").write_text("not a directory")
    with pytest.raises(Refused, match="cannot be made"):
        open_journal(tmp_path / "file" / "state" / "journal.sqlite3")


def test_a_directory_in_its_place_is_refused(tmp_path: Path) -> None:
    with pytest.raises(Refused, match="cannot be opened"):
        open_journal(tmp_path)


def test_the_code_knows_the_newest_migration() -> None:
    config = Config()
    config.set_main_option("script_location", str(Path(migrations.__file__).parent))
    assert ScriptDirectory.from_config(config).get_heads() == [migrate.HEAD]


def test_the_migrations_make_the_tables_that_the_code_reads(path: Path) -> None:
    engine = create_engine(f"sqlite:///{path}")
    with engine.connect() as connection:
        assert compare_metadata(MigrationContext.configure(connection), metadata) == []
    engine.dispose()


def test_the_header_names_us(path: Path) -> None:
    connection = sqlite3.connect(path)
    assert connection.execute("PRAGMA application_id").fetchone() == (APPLICATION_ID,)
    connection.close()


def test_alembic_is_not_imported_where_the_schema_is_current(path: Path) -> None:
    program = (
        "import sys; from pathlib import Path; from reconciler.adapters.journal.open import open_journal;"
        "open_journal(Path(sys.argv[1])).close(); sys.exit('alembic' in sys.modules)"
    )
    root = Path(__file__).parents[4]
    assert subprocess.run([sys.executable, "-c", program, str(path)], cwd=root, check=False).returncode == 0
