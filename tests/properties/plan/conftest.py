"""Where a promise is broken, its assertion tells the values, as one in a test does."""

import pytest

pytest.register_assert_rewrite("tests.properties.plan.promises")
