"""`./quittance bench`: measures the budgets of the system, in counts and ratios wherever a budget allows it.

figures      one measured figure beside its budget
registry     the benches, found in tests/perf
bed          what benches run on: an emulator with the template's table, started when first asked for
deployment   functions unpacked as they are deployed
ground       a partner's book on that table, made through the use cases and metered
story        scenarios made for a bench
chain        the functions' handlers in one process, with what they use written down
prices       what AWS charges
report       the table and the JSON
cli          the command
"""
