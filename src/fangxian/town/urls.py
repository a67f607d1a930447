from django.urls import path

app_name = "town"
urlpatterns: list = []
