"""One file a command: pure functions on top, arguments and what is run below."""
