"""The full-screen front end: what the counter sees and presses.

Importing anything from here first makes the process environment safe for a kiosk, because Textual reads it once,
while it is imported.
"""

import os

from screens.environment import prepare

prepare(os.environ)
