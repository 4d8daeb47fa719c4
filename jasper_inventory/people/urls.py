"""URLs of the people app."""

from django.urls import path

from jasper_inventory.people.views import directory, order_people, students

app_name = "people"
urlpatterns = [
    path("inventory/<int:number>/people/", order_people.person_list, name="person_list"),
    path(
        "inventory/<int:number>/people/<int:pk>/remove/",
        order_people.person_remove,
        name="person_remove",
    ),
    path(
        "inventory/<int:number>/people/<int:pk>/restore/",
        order_people.person_restore,
        name="person_restore",
    ),
    path(
        "inventory/<int:number>/people/export/",
        order_people.person_list_export,
        name="person_list_export",
    ),
    path("people/", directory.people, name="people"),
    path("people/export/", directory.people_export, name="people_export"),
    path("people/<int:pk>/", directory.person, name="person"),
    path("people/<int:pk>/erase/", students.student_erase, name="student_erase"),
    path("people/<int:pk>/keep/", students.student_keep, name="student_keep"),
    path("people/students/download/", students.student_export, name="student_export"),
    path("me/", directory.me, name="me"),
    path("me/download/", directory.me_download, name="me_download"),
    path("me/erase/", directory.me_erase, name="me_erase"),
    path("me/keep/", directory.me_keep, name="me_keep"),
]
