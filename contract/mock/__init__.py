"""The embedded reference server: an ASGI application that answers all operations of the spec and remembers."""
