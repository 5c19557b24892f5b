"""What the tests lean on: servers and cases that several of them share."""
