"""The wire: frames, and the layout of every message by server version, as tables. No state, no sockets, no meaning."""
