"""The public door."""

from django.urls import path

from . import views

app_name = "ask"
urlpatterns = [
    path("caller/", views.caller, name="caller"),
    path("rights/", views.rights, name="rights"),
    path("codes/", views.code_list, name="code_list"),
    path("my-code/", views.my_code, name="my_code"),
]
