from django.urls import path

from jasper_inventory.accounts import views

app_name = "accounts"
urlpatterns = [
    path("role/<int:pk>/", views.role_switch, name="role_switch"),
    path("email-alerts/", views.email_alerts, name="email_alerts"),
    # Before django-allauth's own.
    path("accounts/email/", views.not_offered),
]
