"""The lock file, `contracts.lock.yaml`: read, reviewed against the broker, changed and written."""
