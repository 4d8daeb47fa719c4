"""Of which topics a person gets emails."""

from collections.abc import Collection

from jasper_inventory.accounts.models import MutedTopic, Topic, User
from jasper_inventory.lib.audit import audited


def set_email_alerts(*, by: User, topics: Collection[str]) -> None:
    """Of which topics a person gets emails: of these, and of no others."""
    with audited("email alerts.set", by=by):
        # Two forms of one person at once: the second waits.
        User.objects.select_for_update().get(pk=by.pk)
        muted = set(Topic.values) - set(topics)
        had = set(MutedTopic.objects.filter(user=by).values_list("topic", flat=True))
        MutedTopic.objects.filter(user=by, topic__in=had - muted).delete()
        MutedTopic.objects.bulk_create(
            MutedTopic(user=by, topic=topic) for topic in sorted(muted - had)
        )
