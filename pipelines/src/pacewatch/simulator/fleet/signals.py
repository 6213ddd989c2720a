"""The pacemaker's signals by their place in the profile: the only names that its physics needs."""

from pacewatch.contracts.profiles.pacemaker import PACEMAKER

IMPEDANCE, THRESHOLD, SENSING, BATTERY = range(len(PACEMAKER.signals))
"""Columns of every (devices, signals) matrix: ohm, V, mV, V."""
