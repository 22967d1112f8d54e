"""What is measured of the lab, room by room."""
