"""What every request and every answer has to keep to, whichever page it is for."""
