"""Answers as text: made comparable, told apart by language, measured and turned into vectors, each once."""
