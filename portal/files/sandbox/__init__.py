"""What touches the bytes of an upload runs in a process of its own that has nothing to lose."""
