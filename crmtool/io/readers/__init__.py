"""Files to tables of text cells. One file per format; `crmtool.io.readers.read` picks it."""
