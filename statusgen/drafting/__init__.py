"""Incidents that are drafted from confirmed outages, until a person takes them over."""
