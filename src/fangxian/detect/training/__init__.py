"""Making the text model and measuring it. Nothing here is needed to use it."""
