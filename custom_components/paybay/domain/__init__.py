"""What PayBay decides: pure values and functions, no Home Assistant, no I/O."""
