"""The pacemaker's signals by their position in the profile: the only signal names that the simulator uses."""

from pacewatch.contracts.profiles.pacemaker import PACEMAKER

IMPEDANCE, THRESHOLD, SENSING, BATTERY = range(len(PACEMAKER.signals))
"""Columns of every (devices, signals) matrix: ohm, V, mV, V."""
