"""chorus-robot: deposits invoices on Chorus Pro through the portal's own screens."""
