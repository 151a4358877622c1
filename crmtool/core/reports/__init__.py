"""Reports over deals, interactions and sources: pure functions over frames."""
