from activation_codes.models.codes import (
    ActivationCode,
    CodeBatch,
    CodeDownload,
    CodeState,
    CourseStart,
    DownloadKind,
    PendingBatch,
    Redemption,
    RedemptionQuerySet,
)
from activation_codes.models.handouts import CodeReturn, Handout
from activation_codes.models.workbooks import (
    CodeWorkbook,
    EnrollmentWithRedemption,
    OrderWithWorkbook,
    OrganizationWithWorkbooks,
    UserWithRedemptions,
    WorkbookPart,
    WorkbookState,
)

__all__ = [
    "ActivationCode",
    "CodeBatch",
    "CodeDownload",
    "CodeReturn",
    "CodeState",
    "CodeWorkbook",
    "CourseStart",
    "DownloadKind",
    "EnrollmentWithRedemption",
    "Handout",
    "OrderWithWorkbook",
    "OrganizationWithWorkbooks",
    "PendingBatch",
    "Redemption",
    "RedemptionQuerySet",
    "UserWithRedemptions",
    "WorkbookPart",
    "WorkbookState",
]
