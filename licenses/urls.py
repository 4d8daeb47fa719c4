from django.urls import path

from licenses import views

app_name = "licenses"
urlpatterns = [
    path("inventory/request/", views.order_request, name="order_request"),
    path("inventory/<int:number>/edit/", views.order_edit, name="order_edit"),
    path("inventory/<int:number>/withdraw/", views.order_withdraw, name="order_withdraw"),
    path("inventory/<int:number>/assign/", views.order_assign, name="order_assign"),
    path("inventory/<int:number>/take-back/", views.order_take_back, name="order_take_back"),
    path("inventory/<int:number>/suspend/", views.order_suspend, name="order_suspend"),
    path("inventory/<int:number>/resume/", views.order_resume, name="order_resume"),
    path("inventory/<int:number>/decide/", views.order_decide, name="order_decide"),
    path("inventory/<int:number>/pass-on/", views.order_pass_on, name="order_pass_on"),
    path("people/<int:pk>/password/", views.pupil_password, name="pupil_password"),
    path("inventory/<int:number>/teacher-code/", views.teacher_code_send, name="teacher_code_send"),
    path("teaching/<int:number>/", views.group_students, name="group_students"),
    path("teaching/<int:number>/key/", views.group_key_replace, name="group_key_replace"),
    path("inventory/<int:number>/usage/", views.order_usage, name="order_usage"),
    path("inventory/<int:number>/alerts/", views.order_alerts, name="order_alerts"),
    path("inventory/<int:number>/pause/", views.order_pause, name="order_pause"),
    path("inventory/<int:number>/unpause/", views.order_unpause, name="order_unpause"),
    path(
        "inventory/<int:number>/replace-code/", views.order_replace_code, name="order_replace_code"
    ),
    path("transfers/", views.transfer_list, name="transfer_list"),
    path("transfers/download/", views.transfer_download, name="transfer_download"),
]
