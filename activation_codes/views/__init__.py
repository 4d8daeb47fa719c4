from activation_codes.history import code_acts
from activation_codes.views.code_replacements import code_replace
from activation_codes.views.codes import codes_create, codes_download, codes_edit
from activation_codes.views.courses import course_list, course_start
from activation_codes.views.redeem import (
    code_enter,
    code_offer,
    code_sign_in,
    code_take,
    key_forget,
)
from licenses import history

__all__ = [
    "code_enter",
    "code_offer",
    "code_replace",
    "code_sign_in",
    "code_take",
    "codes_create",
    "codes_download",
    "codes_edit",
    "course_list",
    "course_start",
    "key_forget",
]

history.tellers.append(code_acts)
