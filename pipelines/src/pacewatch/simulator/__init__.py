"""Fleets of devices with a hidden truth: where telemetry comes from when no real device is at hand."""
