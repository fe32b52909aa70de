"""Between uvicorn and Django: limits on headers, bodies and sockets, and who is asking."""
