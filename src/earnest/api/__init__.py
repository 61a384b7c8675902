"""The HTTP door: the published wire contract, its errors and keys, the documentation pages and the console."""
