"""A real mail server of the tests, in a thread, which takes, refuses or drops emails."""

import asyncio
import socket
from contextlib import contextmanager
from email import message_from_bytes

from aiosmtpd.controller import Controller
from aiosmtpd.smtp import SMTP


class Handler:
    """Keeps what it takes. `behavior` is what it does to the next emails."""

    def __init__(self):
        self.behavior = "take"
        self.messages = []
        self.while_open = lambda: None

    async def handle_RCPT(self, server, session, envelope, address, options):
        if self.behavior == "refuse recipient":
            return "550 5.1.1 No such user"
        if self.behavior == "later":
            return "451 4.7.1 Try again later"
        envelope.rcpt_tos.append(address)
        return "250 OK"

    async def handle_DATA(self, server, session, envelope):
        await asyncio.get_running_loop().run_in_executor(None, self.while_open)
        if self.behavior == "slow":
            await asyncio.sleep(3)
        if self.behavior == "refuse text":
            return "554 5.6.0 Not here"
        if self.behavior == "full":
            return "452 4.2.2 Mailbox full"
        self.messages.append(message_from_bytes(envelope.content))
        if self.behavior == "drop before the answer":
            server.transport.abort()
        return "250 OK"


class Dropping(SMTP):
    """Ends the connection in the middle of an email's text, if the handler says so."""

    async def smtp_DATA(self, arg):
        if self.event_handler.behavior == "drop in mid-text":
            await self.push("354 End data with <CR><LF>.<CR><LF>")
            await self._reader.readline()
            self.transport.abort()
            return
        await super().smtp_DATA(arg)


class _Controller(Controller):
    def factory(self):
        return Dropping(self.handler, **self.SMTP_kwargs)


@contextmanager
def mail_server():
    """A running server, as its handler; `port` is its port."""
    with socket.create_server(("127.0.0.1", 0)) as free:
        port = free.getsockname()[1]
    controller = _Controller(Handler(), hostname="127.0.0.1", port=port)
    controller.handler.port = port
    controller.start()
    try:
        yield controller.handler
    finally:
        controller.stop()
