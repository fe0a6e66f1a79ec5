"""How long a service was away: a meter that asks it at a steady pace through a drill."""
