"""The web processes. nginx.conf in front of them takes care of slow clients."""

import os

bind = "127.0.0.1:8000"
# Each process works on one page at a time; its threads wait for the database meanwhile.
workers = int(os.environ.get("WEB_PROCESSES", "2"))
worker_class = "gthread"
threads = int(os.environ.get("WEB_THREADS", "8"))
# The seconds after which a process that no longer answers is replaced, and those for its pages when
# it is to stop.
timeout = 120
graceful_timeout = 30
# Longer than nginx keeps a connection (keepalive_timeout in its `upstream`), so that it never sends
# a request to one that is being closed.
keepalive = 75
# The proxy on this machine. It has checked sizes already; these are for everyone else.
forwarded_allow_ips = "127.0.0.1"
limit_request_line = 8190
limit_request_fields = 60
# Where heartbeats are written: never a disk.
worker_tmp_dir = "/dev/shm"
# Nothing controls it but signals, and it may write no file beside the site.
control_socket_disable = True
