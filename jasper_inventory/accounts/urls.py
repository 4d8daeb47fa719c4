from django.urls import path

from jasper_inventory.accounts import views

app_name = "accounts"
urlpatterns = [
    path("organizations/find/", views.organization_find, name="organization_find"),
    path("role/<int:pk>/", views.role_switch, name="role_switch"),
    path("accounts/address/<str:token>/", views.address_confirm, name="address_confirm"),
    # Before django-allauth's own.
    path("accounts/email/", views.not_offered),
]
