"""Choosing the topics of emails."""

from collections.abc import Collection

from jasper_inventory.accounts.models import MutedTopic, Topic, User
from jasper_inventory.lib.audit import audited


def set_email_alerts(*, by: User, topics: Collection[str]) -> None:
    """Send a user emails about these topics only."""
    with audited("email alerts.set", by=by) as act:
        # Serializes concurrent changes by the same user.
        User.objects.select_for_update().get(pk=by.pk)
        muted = set(Topic.values) - set(topics)
        had = set(MutedTopic.objects.filter(user=by).values_list("topic", flat=True))
        act.on(by)
        act.changes({"muted": sorted(had)}, {"muted": sorted(muted)})
        MutedTopic.objects.filter(user=by, topic__in=had - muted).delete()
        MutedTopic.objects.bulk_create(
            MutedTopic(user=by, topic=topic) for topic in sorted(muted - had)
        )
