"""`./quittance bench`: measures the budgets of the system, in counts and ratios wherever a budget allows it.

figures     one measured figure beside its budget
registry    the benches, found in tests/perf
bed         what benches run on: a table on the emulator, a deployed stack; started when first asked for
deployment  functions unpacked as they are deployed
report      the table and the JSON
cli         the command
"""
