"""Names of files below the directory of manifests: which of them is read, and as what.

Small letters and capitals are the same: `x.YAML` is read, as editors and file systems take it, and not passed over.
"""

_YAML = (".yaml", ".yml")


def is_yaml(name: str) -> bool:
    """Whether the name is that of a YAML file."""
    return name.lower().endswith(_YAML)


def may_be_read(name: str) -> bool:
    """Whether a file of that name may tell something of the desired state: YAML, or a table of weights."""
    return is_yaml(name) or name.lower().endswith(".csv")


def is_manifest(name: str) -> bool:
    """Whether manifests are read from a file of that name: YAML, but no lock file and no file of weights."""
    return is_yaml(name) and not _stem(name).endswith((".lock", ".weights"))


def is_weights(name: str) -> bool:
    """Whether the name says that the file is YAML of weights, which a Portfolio takes from it."""
    return is_yaml(name) and _stem(name).endswith(".weights")


def is_contract_lock(name: str) -> bool:
    """Whether the name is a lock file's, or one that it could be taken for."""
    return is_yaml(name) and _stem(name) == "contracts.lock"


def is_hidden(name: str) -> bool:
    """Whether a file or a folder of that name is passed over."""
    return name.startswith(".")


def _stem(name: str) -> str:
    return name.lower().rpartition(".")[0]
