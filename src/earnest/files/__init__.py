"""Survey files in and out; none of these modules runs a check.

Reading order: `cells` (a table, whatever file it stands in), `kinds` (what a file is), one module per format family
(`delimited`, `excel_xml`, `excel`, `excel_out`, `spss`, `spss_out`, `parquet`), `formats` (which of them a name means);
`columns` (what a column holds), `headings` (header rows of survey tools), `evaluated` (what is written beside the
answers), `looking` and `tables` (surveys in tables, in and out); `labelled` (a coder's labels in them) and
`validated` (what comes of these); `outcome`, `measured`, `methods`, `report`, `reconciliation`, `handover` (what is
handed over); `batch_json` (batches in JSON), `replace` (a result file appears whole or not at all).
"""
