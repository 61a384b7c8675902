"""Survey files in and out, one module per format family; none of them knows what a check is.

Reading order: `delimited` (bytes to cells), `columns` (what a column holds), `tables` (CSV and TSV surveys in),
`evaluated` (and out, with what was found), `labelled` (a coder's labels in them), `validated` (what comes of these),
`batch_json` (evaluations as the published API sends them), `replace` (a result file appears whole or not at all).
"""
