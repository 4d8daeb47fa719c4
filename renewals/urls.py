from django.urls import path

from renewals import views

app_name = "renewals"
urlpatterns = [
    path("<int:number>/renew/", views.renewal_request, name="renewal_request"),
    path("<int:number>/renew/withdraw/", views.renewal_withdraw, name="renewal_withdraw"),
    path("<int:number>/renewal/decide/", views.renewal_review, name="renewal_review"),
    path("<int:number>/renewal/pass-on/", views.renewal_forward, name="renewal_forward"),
]
