"""What several kinds of test share: the platform as processes, and fleets to feed it."""
