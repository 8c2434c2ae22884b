"""What loads and nights cost, measured side by side in one run."""
