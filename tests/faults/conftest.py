"""The same stage as the acceptance tests'."""

from tests.acceptance.conftest import small

__all__ = ["small"]
