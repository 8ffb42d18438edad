"""What each server version is sent for a call, and how its replies are read: no channel, no await, no clock."""
