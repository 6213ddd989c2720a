"""Real servers for the tests, and the summary says which.

PostgreSQL is the run's own; RabbitMQ is looked for on the local port, in a container and among Debian's packages. An
environment variable names another one. `conftest.py` makes fixtures of what is here; a test that needs a server it can
kill asks for `own_postgres` or `own_rabbitmq`.
"""
