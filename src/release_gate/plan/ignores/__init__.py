"""What other scanners are told to ignore: read into waivers-to-be, and written from waivers."""
