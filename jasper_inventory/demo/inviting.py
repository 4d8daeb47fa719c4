"""Who is invited in the demo, and who asked to be erased."""

from datetime import timedelta

from jasper_inventory.accounts.models import ErasureRequest, Invitation, Notice, Role
from jasper_inventory.accounts.services.erasure_requests import ask_for_erasure
from jasper_inventory.accounts.services.invitations import invite
from jasper_inventory.demo.stage import Stage

# Organization's key, role, address, and how many days ago; a link works for 14.
INVITED = [
    ("maple", Role.TEACHER, "nora.fields@maple-ridge.example.org", 2),
    ("maple", Role.TEACHER, "joel.park@maple-ridge.example.org", 17),
    ("maple", Role.ADMINISTRATOR, "vera.lind@maple-ridge.example.org", 1),
    ("hub", Role.ADMINISTRATOR, "arthur.chow@fraser-valley.example.org", 5),
]


def ask_and_invite(stage: Stage) -> None:
    """Invite people, whose mails are never sent; and a student asks to be erased."""
    for key, role, email, days in INVITED:
        sent = invite(
            organization=stage.organizations[key],
            role=role,
            email=email,
            by=stage.administrators[key],
        )
        ago = timedelta(days=days)
        Invitation.objects.filter(pk=sent.pk).update(
            created_at=sent.created_at - ago, expires_at=sent.expires_at - ago
        )
    # The demo tells nobody.
    Notice.objects.filter(address__in=[email for _key, _role, email, _days in INVITED]).delete()
    asked = ask_for_erasure(by=stage.students["harbour"][-1])
    ErasureRequest.objects.filter(pk=asked.pk).update(asked_at=stage.moment(-1))
