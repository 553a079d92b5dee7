"""`pytest tests/golden --write-goldens` writes the files anew; read the difference before committing it."""

import pytest


def pytest_addoption(parser: pytest.Parser) -> None:
    parser.addoption("--write-goldens", action="store_true", help="write the golden files instead of comparing")
