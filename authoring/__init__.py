"""The workshop of those who write questions: check, two routes to each key, lint, preview."""
