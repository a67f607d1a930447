"""The number plan: what forms a telephone number may have, and who answers at service numbers.

Below the other rooms of the ground, for the exchange reads numbers in tables and the detector in
texts.
"""
