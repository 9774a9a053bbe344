"""Bare applications that do the same work, as tutorials write them.

Each is one file of endpoints; what all of them send and store stands beside.
"""
