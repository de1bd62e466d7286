"""`contract mock`: serve the embedded reference server."""

from __future__ import annotations

import argparse

from contract.errors import UsageError

_EXAMPLE = """\
examples:
  contract mock --port 8080                     then use http://127.0.0.1:8080/v1 with any key
  contract mock --mode examples                 any id answers with a valid example
  contract mock --fault stream-no-done          be wrong in one way (see `contract faults`)
"""


def add(parser: argparse.ArgumentParser) -> None:
    """Where to listen and how to behave."""
    parser.epilog = _EXAMPLE
    parser.add_argument("--host", default="127.0.0.1", help="address to listen on (default: %(default)s)")
    parser.add_argument("--port", type=int, default=8080, help="port; 0 picks a free one (default: %(default)s)")
    parser.add_argument("--mode", choices=("stateful", "examples"), default="stateful", help="default: %(default)s")
    parser.add_argument("--fault", action="append", default=[], metavar="NAME", help="a fault to have (repeatable)")
    parser.add_argument("--key", help="the only bearer token that opens it (default: any)")
    parser.add_argument("--admin-key", help="the only bearer token that opens /organization (default: any)")
    parser.add_argument("--db", metavar="FILE", help="keep the state in this SQLite file")
    parser.add_argument("--speed", type=float, default=1.0, help="how fast runs and jobs go (default: %(default)s)")
    parser.add_argument("--seed", type=int, default=0, help="the same seed gives the same answers")
    parser.add_argument("--base-path", default="/v1", help="where the API is mounted (default: %(default)s)")


def run(arguments: argparse.Namespace) -> int:
    """Serve until Ctrl-C."""
    if arguments.speed <= 0:
        raise UsageError(f"--speed {arguments.speed}: must be above 0")
    from contract.mock.server import serve

    if arguments.fault:
        from contract.mock import faults

        faults.hooks(arguments.fault)  # a name that nobody knows is told before anything listens
    serve(
        arguments.host,
        arguments.port,
        mode=arguments.mode,
        faults=tuple(arguments.fault),
        key=arguments.key,
        admin_key=arguments.admin_key,
        db=arguments.db,
        speed=arguments.speed,
        seed=arguments.seed,
        base_path=arguments.base_path,
    )
    return 0
