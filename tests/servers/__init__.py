"""Real servers for the tests: found where there are some, started where there are none, always said which.

Looked for in this order: environment variable, local port, container, Debian package. `conftest.py` makes fixtures of
what is here; a test that needs a server it can kill asks for `own_postgres` or `own_rabbitmq`.
"""
