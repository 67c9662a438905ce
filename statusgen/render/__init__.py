"""From the snapshot to bytes. Everything here is a pure function; ``files`` writes what it returns."""
