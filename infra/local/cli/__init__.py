"""The launcher behind `./quittance`: environments, help, gates, and the hand-over to each command.

Everything here runs on the standard library alone, because it is what installs everything else.
"""
