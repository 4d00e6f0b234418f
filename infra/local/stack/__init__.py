"""The embedded stack: this project's `template.yaml` on an emulator of AWS, on loopback, with nothing to sign up for.

embedded    EmbeddedStack: start, deploy, move time, wait until idle, look inside
build       zips of functions and layers, for the emulator and for AWS
gaps        where the emulator differs from AWS, and what we do about it
serve       the emulator's process (runs in an environment of its own)
process     starts that process so that it cannot outlive us
tokens      issues the tokens that the API's authorizer checks
mailbox     reads the mails that were sent
template    reads template.yaml
"""
