from django.urls import path

from renewals import views

app_name = "renewals"
urlpatterns = [
    path("<int:number>/renew/", views.renewal_request, name="renewal_request"),
    path("<int:number>/renew/withdraw/", views.renewal_withdraw, name="renewal_withdraw"),
]
