from django.urls import path

from activation_codes import views

app_name = "activation_codes"
urlpatterns = [
    path("<int:number>/codes/", views.codes_edit, name="codes_edit"),
    path("<int:number>/codes/create/", views.codes_create, name="codes_create"),
    path("<int:number>/codes/download/", views.codes_download, name="codes_download"),
]
