"""What stands around the plots: contract, facts, code, time scrubber."""
