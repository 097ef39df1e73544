"""The practice counter: fixed people, fixed states, nothing real."""
