"""Volunteers and what they are needed for: who stands where and when, who may, and who should.

A shift is a span of time at one post of a station; its seats are the places that it needs by skill; a placement is one
volunteer in one place of a seat. The guard (`rules/placing.py`) judges every placement, whoever makes it."""
