"""The `contract` command, one module a subcommand: `add(parser)` declares, `run(arguments)` returns the exit status."""
