app_name = "town"
urlpatterns: list = []
