"""The desks: what a client may ask, one desk for each subject.

Each desk has a table HANDLERS from the kind of a request (the words of `wire.requests`) to its handler.
"""
