"""Measurements, each printed beside its floor from the same run. Machines are shared and noisy, so only the
ratios and the processor times are compared; nothing here passes or fails.
"""
