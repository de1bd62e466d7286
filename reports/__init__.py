"""How a run is told: the record, and every report as a pure function of it."""
