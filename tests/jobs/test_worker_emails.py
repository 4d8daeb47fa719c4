"""Workers that are killed while they send emails: none is lost, and none is shown twice."""

from collections import Counter

from tests.servers import query
from tests.smtp import mail_server
from tests.workers import becomes, queue, worker

EMAILS = 9
# The emails at which the worker that sends them is killed, before the mail server's answer.
KILLED_AT = (2, 5, 8)
ALL_SENT = f"SELECT count(sent_at) = {EMAILS} FROM accounts_notice WHERE kind = 'test'"


def test_no_email_is_lost_or_shown_twice_when_workers_are_killed_in_mid_send(base):
    with mail_server() as server:
        sending = {"EMAIL_URL": f"smtp://127.0.0.1:{server.port}", "EMAIL_TIMEOUT": "1"}
        queue(base, *(("tests.jobs.tasks", "post", number) for number in range(EMAILS)))
        for kill_at in KILLED_AT:
            with worker(base, **sending) as process:

                def kill(process=process, kill_at=kill_at):
                    if len(server.messages) >= kill_at:
                        process.kill()

                server.while_open = kill
                process.wait(120)
        server.while_open = lambda: None
        with worker(base, **sending), worker(base, **sending):
            assert becomes(base, ALL_SENT)
        taken = Counter(message["To"] for message in server.messages)
        assert len(taken) == EMAILS
        assert len({message["Message-ID"] for message in server.messages}) == EMAILS
        # Only those whose answer was lost were sent again.
        assert len(server.messages) <= EMAILS + len(KILLED_AT)
        assert query(base, "SELECT count(*) FROM accounts_notice WHERE kind = 'test'") == EMAILS
