"""Who is in danger now? Events in, warnings out. A library that knows no Django."""
