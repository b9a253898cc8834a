"""One call of an LSTM, opened: every h_t, c_t and gate, proven to be the module's own."""
