"""The steps of a night, each a function that a flow names."""
