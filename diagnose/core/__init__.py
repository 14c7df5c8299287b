"""What every layer may use: frozen values, places, errors, the cache, child processes."""
