"""The portal: one module a page family. Doors hold no SQL and see Cards, never rows."""
