-- A hotel's own books. The columns below each blank line are main.py's; the hotel's other programs leave them alone.
CREATE TABLE rooms (
  code TEXT PRIMARY KEY, title TEXT NOT NULL,
  price_cents INTEGER NOT NULL, currency TEXT NOT NULL, -- a night
  retired INTEGER NOT NULL DEFAULT 0,

  offering_id TEXT,
  synced TEXT                -- the room as it was brought to Orkestr last
);
CREATE TABLE bookings (
  ref INTEGER PRIMARY KEY, room TEXT NOT NULL REFERENCES rooms,
  arrives TEXT NOT NULL, departs TEXT NOT NULL, -- days
  status TEXT NOT NULL DEFAULT 'CONFIRMED' CHECK (status IN ('PENDING', 'CONFIRMED', 'CANCELLED')),
  guest TEXT NOT NULL, email TEXT NOT NULL,

  orkestr_id TEXT UNIQUE,
  attempt TEXT,              -- the idempotency key of a creation whose answer is not known
  synced TEXT                -- [arrives, departs, status] as Orkestr had them last
);
CREATE TABLE orkestr (cursor TEXT); -- the last event that was read
INSERT INTO orkestr VALUES (NULL);
