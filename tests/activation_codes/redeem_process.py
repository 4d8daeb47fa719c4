"""A process of its own, as one of a site's several: each person named redeems one code.

python -m tests.activation_codes.redeem_process DATABASE CODE PERSON...; begins when a line comes
in, and prints how many got a seat.
"""

import sys

import django
from django.conf import settings


def main(database, code_pk, *people):
    settings.DATABASES["default"]["NAME"] = database
    settings.TASKS = {"default": {"BACKEND": "django_tasks.backends.immediate.ImmediateBackend"}}
    settings.EMAIL_BACKEND = "django.core.mail.backends.locmem.EmailBackend"
    django.setup()
    from activation_codes.models import ActivationCode
    from activation_codes.services.redemptions import redeem_code
    from jasper_inventory.accounts.models import User
    from jasper_inventory.lib.exceptions import DomainError

    code = ActivationCode.objects.get(pk=code_pk)
    users = list(User.objects.filter(pk__in=people))
    print("ready", flush=True)
    sys.stdin.readline()
    got = 0
    for user in users:
        try:
            redeem_code(code=code, user=user)
            got += 1
        except DomainError:
            continue
    print(got)


if __name__ == "__main__":
    main(*sys.argv[1:])
