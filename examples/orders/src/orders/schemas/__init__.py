"""What goes over the wire: requests as clients may send them, answers as they receive them."""
