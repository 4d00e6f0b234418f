"""One verb each: takes a command and ports, puts the transaction together."""
