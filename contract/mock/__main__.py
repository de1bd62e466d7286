"""`python -m contract.mock`: serve the mock; the same options as `contract mock`, keys from the environment too."""

from __future__ import annotations

import argparse
import os

from contract.errors import ContractError


def parser() -> argparse.ArgumentParser:
    """The options of the server."""
    made = argparse.ArgumentParser(prog="contract mock", description="Serve the embedded reference server.")
    made.add_argument("--host", default="127.0.0.1", help="address to bind (default: %(default)s)")
    made.add_argument("--port", type=int, default=8000, help="port, 0 for a free one (default: %(default)s)")
    made.add_argument("--mode", choices=("stateful", "examples"), default="stateful")
    made.add_argument("--fault", action="append", default=[], metavar="NAME", dest="faults")
    made.add_argument("--key", default=os.environ.get("CONTRACT_MOCK_KEY"), help="the only key that opens it")
    made.add_argument("--admin-key", default=os.environ.get("CONTRACT_MOCK_ADMIN_KEY"), help="for /organization")
    made.add_argument("--db", metavar="FILE", help="keep the state in this SQLite file")
    made.add_argument("--speed", type=float, default=1.0, help="mock seconds a real second (default: %(default)s)")
    made.add_argument("--seed", type=int, default=0, help="of texts and ids (default: %(default)s)")
    made.add_argument("--fd", type=int, help=argparse.SUPPRESS)
    made.add_argument("--until-eof", action="store_true", help=argparse.SUPPRESS)
    return made


def main(arguments: list[str] | None = None) -> int:
    """Serve until interrupted; the exit status."""
    from contract.mock.server import serve

    made = parser()
    options = vars(made.parse_args(arguments))
    try:
        serve(**options)
    except ContractError as error:
        made.exit(error.exit_status, f"contract mock: {error}\n")
    return 0


if __name__ == "__main__":
    raise SystemExit(main())
