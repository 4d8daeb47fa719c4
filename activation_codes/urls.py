from django.urls import path

from activation_codes.code_types import CODE_TYPES
from activation_codes.views import code_list, codes, courses, handouts, posters, redeem, selected

app_name = "activation_codes"
urlpatterns = [
    path("inventory/<int:number>/codes/", codes.codes_edit, name="codes_edit"),
    path("inventory/<int:number>/codes/create/", codes.codes_create, name="codes_create"),
    path("inventory/<int:number>/codes/progress/", codes.codes_progress, name="codes_progress"),
    path("inventory/<int:number>/codes/cancel/", codes.codes_cancel, name="codes_cancel"),
    path("inventory/<int:number>/codes/download/", codes.codes_download, name="codes_download"),
    path(
        "inventory/<int:number>/codes/download/progress/",
        codes.workbook_progress,
        name="workbook_progress",
    ),
    path(
        "inventory/<int:number>/codes/download/cancel/",
        codes.workbook_cancel,
        name="workbook_cancel",
    ),
    path("inventory/<int:number>/codes/list/", code_list.code_list, name="code_list"),
    path("inventory/<int:number>/codes/select/", code_list.codes_select, name="codes_select"),
    path("inventory/<int:number>/codes/hand-out/", handouts.handout_create, name="handout_create"),
    path("inventory/<int:number>/codes/return/", handouts.handout_undo, name="handout_undo"),
    path("inventory/<int:number>/codes/copy/", selected.codes_copy, name="codes_copy"),
    path("inventory/<int:number>/codes/replace/", selected.codes_replace, name="codes_replace"),
    path("inventory/<int:number>/codes/cards/", selected.code_cards, name="code_cards"),
    path(
        "inventory/<int:number>/codes/selected/",
        selected.selected_download,
        name="selected_download",
    ),
    path("teaching/<int:number>/poster/", posters.group_key_poster, name="group_key_poster"),
    path("inventory/codes/<int:code>/replace/", codes.code_replace, name="code_replace"),
    path("activate/forget-key/", redeem.key_forget, name="key_forget"),
    path("courses/", courses.course_list, name="course_list"),
    path(
        "courses/<int:enrollment>/<int:product>/start/", courses.course_start, name="course_start"
    ),
]
# /activate/, /link/ and /teach/
for kind in CODE_TYPES:
    kwargs = {"kind": kind}
    urlpatterns += [
        path(f"{kind}/", redeem.code_enter, kwargs, name=kind),
        path(f"{kind}/offer/", redeem.code_offer, kwargs, name=f"{kind}_offer"),
        path(f"{kind}/take/", redeem.code_take, kwargs, name=f"{kind}_take"),
        path(f"{kind}/sign-in/", redeem.code_sign_in, kwargs, name=f"{kind}_sign_in"),
    ]
