"""A DynamoDB in memory for tests: strict, fast, and held against moto.

values        typed values: well formed, equal, in order
expressions   conditions, read once
updates       update expressions
reading       GetItem, BatchGetItem, Query, Scan
engine        the table and its writes
door          behind botocore's clients
"""
