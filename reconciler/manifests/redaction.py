"""What a manifest must not hold, made unreadable wherever its text is shown."""

from reconciler.manifests import account_ids, secrets


def redacted(text: str) -> str:
    """`text` without account numbers and secrets."""
    return secrets.without(account_ids.without(text))
