from activation_codes.models.codes import (
    ActivationCode,
    CodeBatch,
    CodeDownload,
    CourseStart,
    PendingBatch,
    Redemption,
    RedemptionQuerySet,
)
from activation_codes.models.workbooks import (
    CodeWorkbook,
    EnrollmentWithRedemption,
    UserWithRedemptions,
    WorkbookPart,
    WorkbookState,
)

__all__ = [
    "ActivationCode",
    "CodeBatch",
    "CodeDownload",
    "CodeWorkbook",
    "CourseStart",
    "EnrollmentWithRedemption",
    "PendingBatch",
    "Redemption",
    "RedemptionQuerySet",
    "UserWithRedemptions",
    "WorkbookPart",
    "WorkbookState",
]
