import os

from django.core.wsgi import get_wsgi_application

from portal.core import memory, pinyin

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "portal.settings.production")

application = get_wsgi_application()
pinyin.load()  # before the server forks, so that its workers share the dictionary
memory.settle()
memory.between_answers()
