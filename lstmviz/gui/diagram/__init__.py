"""The diagram of the tensors and of the LSTM between them."""
