"""The thin pytest adapter: options, collection of cases, results."""
