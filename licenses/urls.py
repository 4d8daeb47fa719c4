from django.urls import path

from licenses.views import alerts, allocations, enrollments, join_codes, orders, requests, usage

app_name = "licenses"
urlpatterns = [
    path("inventory/request/", requests.order_request, name="order_request"),
    path("inventory/<int:number>/edit/", orders.order_edit, name="order_edit"),
    path("inventory/<int:number>/withdraw/", requests.order_withdraw, name="order_withdraw"),
    path("inventory/<int:number>/assign/", allocations.order_assign, name="order_assign"),
    path("inventory/<int:number>/take-back/", allocations.order_reclaim, name="order_reclaim"),
    path("inventory/<int:number>/suspend/", orders.order_suspend, name="order_suspend"),
    path("inventory/<int:number>/resume/", orders.order_resume, name="order_resume"),
    path("inventory/<int:number>/decide/", requests.order_review, name="order_review"),
    path("inventory/<int:number>/pass-on/", requests.order_forward, name="order_forward"),
    path("people/<int:pk>/password/", enrollments.student_password, name="student_password"),
    path(
        "inventory/<int:number>/teacher-code/",
        join_codes.teacher_code_send,
        name="teacher_code_send",
    ),
    path("teaching/<int:number>/", enrollments.group_students, name="group_students"),
    path("teaching/<int:number>/key/", join_codes.group_key_replace, name="group_key_replace"),
    path("inventory/<int:number>/usage/", usage.order_usage, name="order_usage"),
    path("inventory/<int:number>/alerts/", alerts.order_alerts, name="order_alerts"),
    path("inventory/<int:number>/pause/", enrollments.order_pause, name="order_pause"),
    path("inventory/<int:number>/unpause/", enrollments.order_unpause, name="order_unpause"),
    path(
        "inventory/<int:number>/replace-code/",
        join_codes.order_replace_code,
        name="order_replace_code",
    ),
    path("transfers/", allocations.transfer_list, name="transfer_list"),
    path("transfers/download/", allocations.transfer_download, name="transfer_download"),
]
