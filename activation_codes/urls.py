from django.urls import path

from activation_codes import views
from activation_codes.code_types import CODE_TYPES

app_name = "activation_codes"
urlpatterns = [
    path("inventory/<int:number>/codes/", views.codes_edit, name="codes_edit"),
    path("inventory/<int:number>/codes/create/", views.codes_create, name="codes_create"),
    path("inventory/<int:number>/codes/download/", views.codes_download, name="codes_download"),
    path("inventory/codes/<int:code>/replace/", views.code_replace, name="code_replace"),
    path("activate/forget-key/", views.key_forget, name="key_forget"),
    path("courses/", views.course_list, name="course_list"),
    path("courses/<int:enrollment>/<int:product>/start/", views.course_start, name="course_start"),
]
# /activate/, /link/ and /teach/
for kind in CODE_TYPES:
    kwargs = {"kind": kind}
    urlpatterns += [
        path(f"{kind}/", views.code_enter, kwargs, name=kind),
        path(f"{kind}/offer/", views.code_offer, kwargs, name=f"{kind}_offer"),
        path(f"{kind}/take/", views.code_take, kwargs, name=f"{kind}_take"),
        path(f"{kind}/sign-in/", views.code_sign_in, kwargs, name=f"{kind}_sign_in"),
    ]
