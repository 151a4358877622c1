"""Values to their one look. One file per kind of value; `registry` says how to add one."""
